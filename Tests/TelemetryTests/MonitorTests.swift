import Addresses
import Foundation
import Telemetry
import Testing

@Suite struct MonitorTests {
    /// A connection to a server at `host:port`.
    private func connection(to address: String) throws -> Int32 {
        let colon = try #require(address.lastIndex(of: ":"))
        let port = try #require(UInt16(address[address.index(after: colon)...]))
        let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
        let found = try ResolvedAddress.of(String(host), port: port)[0]
        let kind = Int32(SOCK_STREAM.rawValue)
        let descriptor = socket(found.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        let connected = unsafe found.withSocketAddress { unsafe connect(descriptor, $0, $1) }
        try #require(connected == 0)
        return descriptor
    }

    private func send(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = unsafe Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Everything that arrives until the connection ends.
    private func response(on descriptor: Int32) -> String {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
    }

    /// The complete response of a server to a request.
    private func ask(_ address: String, _ request: String) throws -> String {
        let descriptor = try connection(to: address)
        defer { close(descriptor) }
        send(request, to: descriptor)
        return response(on: descriptor)
    }

    @Test("the server answers GET and HEAD and rejects other requests")
    func serverAnswersGETAndHEADAndRejectsOtherRequests() throws {
        let server = try MonitorServer(host: "127.0.0.1", port: 0) { path in
            path == "/a" ? .init("hello\n") : path == "/b" ? .init("no\n", status: 503) : nil
        }
        defer { server.stop() }
        let got = try ask(server.address, "GET /a?x=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(got.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(got.contains("Content-Length: 6\r\n"))
        #expect(got.hasSuffix("\r\n\r\nhello\n"))
        #expect(try ask(server.address, "HEAD /a HTTP/1.1\r\n\r\n").hasSuffix("\r\n\r\n"))
        for (request, status) in [
            ("GET /c HTTP/1.1\r\n\r\n", 404), ("GET /b HTTP/1.1\r\n\r\n", 503),
            ("POST /a HTTP/1.1\r\n\r\n", 405), ("nonsense\r\n\r\n", 400),
            ("GET http://x/a HTTP/1.1\r\n\r\n", 400),
            ("GET /a HTTP/1.1\r\nx: " + String(repeating: "y", count: 9000), 431),
        ] {
            let answer = try ask(server.address, request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(20)): \(answer)")
        }
    }

    @Test(
        "the server listens at IPv6 addresses and names",
        arguments: [
            ("::1", "[::1]"), ("localhost", "localhost"), ("*", "127.0.0.1"), ("*", "[::1]"),
            ("0.0.0.0", "127.0.0.1"), ("::", "[::1]"),
        ])
    func serverListensAtIPv6AddressesAndNames(_ host: String, _ reached: String) throws {
        let server = try MonitorServer(host: host, port: 0) { _ in .init("hello\n") }
        defer { server.stop() }
        let port = try #require(server.address.split(separator: ":").last)
        #expect(server.address.hasPrefix(host.contains(":") ? "[" : host == "*" ? "[::]" : host))
        let got = try ask(
            "\(reached):\(port)", "GET /a HTTP/1.1\r\nHost: \(reached):\(port)\r\n\r\n")
        #expect(got.hasSuffix("hello\n"), "\(got)")
    }

    @Test("a request for another host is rejected")
    func requestForAnotherHostIsRejected() throws {
        let server = try MonitorServer(host: "127.0.0.1", port: 0) { _ in .init("hello\n") }
        defer { server.stop() }
        for (host, status) in [
            ("localhost", 200), ("127.0.0.1:80", 200), ("10.1.2.3", 200), ("[::1]:80", 200),
            ("[fd00::1]", 200), ("node-7:9100", 200), ("denju.default.svc", 200),
            ("denju.default.svc.cluster.local.", 200), ("LOCALHOST", 200),
            ("evil.example", 421), ("evil.example:9100", 421), ("localhost.evil.example", 421),
            ("127.0.0.1.evil.example", 421), ("[evil.example]", 421), ("[::1", 421),
        ] {
            let answer = try ask(server.address, "GET / HTTP/1.1\r\nX: y\r\nhOsT: \(host)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(host): \(answer)")
        }
    }

    @Test("idle connections do not block the server")
    func idleConnectionsDoNotBlockServer() throws {
        let server = try MonitorServer(host: "127.0.0.1", port: 0) { _ in .init("hello\n") }
        defer { server.stop() }
        let idle = try (0..<100).map { _ in try connection(to: server.address) }
        defer { for descriptor in idle { close(descriptor) } }
        for descriptor in idle { send("GET / HTTP", to: descriptor) }
        let clock = ContinuousClock()
        var answer = ""
        let time = try clock.measure { answer = try ask(server.address, "GET / HTTP/1.1\r\n\r\n") }
        #expect(answer.hasSuffix("hello\n"))
        // Idle connections time out after five seconds.
        #expect(time < .seconds(4))
        // The oldest had to give way; the newest can still complete its request.
        #expect(response(on: idle[0]) == "")
        send("/1.1\r\n\r\n", to: idle[99])
        #expect(response(on: idle[99]).hasSuffix("hello\n"))
    }

    @Test("a request is recognised wherever its packets are divided")
    func requestIsRecognisedWhereverItsPacketsAreDivided() throws {
        let server = try MonitorServer(host: "127.0.0.1", port: 0) { _ in .init("hello\n") }
        defer { server.stop() }
        let descriptor = try connection(to: server.address)
        defer { close(descriptor) }
        var yes: Int32 = 1
        _ = unsafe setsockopt(
            descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        for character in "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".unicodeScalars {
            send(String(character), to: descriptor)
        }
        #expect(response(on: descriptor).hasSuffix("hello\n"))
    }

    @Test("labels are escaped by scalar") func labelsAreEscapedByScalar() {
        var out = Exposition()
        out.add("a", .gauge, "One\r\nline.", [(["x": "q\"\u{301}\\\u{301}\r\nz"], 1)])
        #expect(
            out.text
                == "# HELP a One\r\\nline.\n# TYPE a gauge\na{x=\"q\\\"\u{301}\\\\\u{301}\r\\nz\"} 1\n"
        )
    }

    @Test("a port in use is reported in one sentence")
    func portInUseIsReportedInOneSentence() throws {
        let server = try MonitorServer(host: "127.0.0.1", port: 0) { _ in nil }
        defer { server.stop() }
        let port = try #require(UInt16(server.address.split(separator: ":").last ?? ""))
        #expect(throws: LogError.self) {
            try MonitorServer(host: "127.0.0.1", port: port) { _ in nil }
        }
        #expect(throws: LogError.self) { try MonitorServer(host: "nowhere", port: 0) { _ in nil } }
    }

    @Test("metrics have Prometheus' text format") func metricsHavePrometheusTextFormat() {
        var out = Exposition()
        out.add("a_total", .counter, "How many.", 3)
        out.add(
            "b", .gauge, "Back\\slash\nline.",
            [(["x": "q\"\\\n", "a": "1"], 0.5), (["x": "y", "a": "2"], .nan)])
        out.add("c", .gauge, "Nothing.", [])
        #expect(
            out.text == """
                # HELP a_total How many.
                # TYPE a_total counter
                a_total 3
                # HELP b Back\\\\slash\\nline.
                # TYPE b gauge
                b{a="1",x="q\\"\\\\\\n"} 0.5
                b{a="2",x="y"} NaN

                """)
    }

    @Test("a trace has a process for each actor") func traceHasProcessForEachActor() throws {
        struct Event: Decodable {
            let name: String
            let ph: String
            let pid: Int
            let ts: Double
            let dur: Double?
        }
        let trace = Trace([
            .init(
                step: 3, start: 1, seconds: 0.5,
                spans: [
                    Span(actor: "b/w", phase: .student, start: 1, seconds: 0.25),
                    Span(actor: "coordinator", phase: .reduce, start: 1.25, seconds: 0.125),
                ])
        ])
        let events = try JSONDecoder().decode([Event].self, from: Data(trace.chromeJSON.utf8))
        #expect(events.filter { $0.ph == "M" }.count == 2)
        let student = try #require(events.first { $0.name == "student" })
        #expect((student.pid, student.ts, student.dur) == (1, 1e6, 0.25e6))
        #expect(events.first { $0.name == "reduce" }?.pid == 0)
        #expect(events.first { $0.name == "step 3" }?.dur == 0.5e6)
        let read = try Trace(chromeJSON: Data(trace.chromeJSON.utf8))
        #expect(Set(read.steps[0].spans.map(\.actor)) == ["b/w", "coordinator"])
        #expect(read.steps == trace.steps)
    }

    @Test("a trace keeps the last steps within its limits")
    func traceKeepsLastStepsWithinItsLimits() {
        var trace = Trace()
        for step in 1...50 {
            trace.keep(.init(step: step, start: Double(step), seconds: 1, spans: []))
        }
        #expect(trace.steps.map(\.step) == Array(31...50))
        let span = Span(actor: "w", phase: .student, start: 0, seconds: 1)
        for step in 51...53 {
            trace.keep(
                .init(
                    step: step, start: 0, seconds: 1, spans: Array(repeating: span, count: 6000)))
        }
        #expect(trace.steps.map(\.step) == [53])
    }
}
