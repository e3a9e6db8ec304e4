import Foundation
import Telemetry
import Testing

@Suite struct MonitorTests {
    /// The complete response of a server to a request.
    private func ask(_ address: String, _ request: String) throws -> String {
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &name) { name in
            unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        let bytes = Array(request.utf8)
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += buffer[..<count]
        }
        return String(decoding: answer, as: UTF8.self)
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
