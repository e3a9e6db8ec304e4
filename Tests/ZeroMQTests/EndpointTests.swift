import Testing
import ZeroMQ

@Suite struct EndpointTests {
    @Test(
        "endpoints are read and written",
        arguments: [
            ("tcp://127.0.0.1:5555", Endpoint.tcp(host: "127.0.0.1", port: 5555)),
            ("tcp://127.0.0.1:*", .tcp(host: "127.0.0.1", port: nil)),
            ("tcp://*:7", .tcp(host: "*", port: 7)),
            ("tcp://head-1.cluster:65535", .tcp(host: "head-1.cluster", port: 65535)),
            ("tcp://[::1]:80", .tcp(host: "::1", port: 80)),
            ("tcp://[fe80::1%eth0]:80", .tcp(host: "fe80::1%eth0", port: 80)),
            ("tcp://[fe80::1%2]:*", .tcp(host: "fe80::1%2", port: nil)),
            ("ipc:///run/denju", .ipc(path: "/run/denju")),
            ("inproc://x", .inproc(name: "x")),
        ])
    func endpointsAreReadAndWritten(_ text: String, _ endpoint: Endpoint) throws {
        #expect(try Endpoint(text) == endpoint)
        #expect(endpoint.description == text)
    }

    @Test(
        "invalid endpoints are rejected",
        arguments: [
            "", "127.0.0.1:5555", "tcp://", "tcp://127.0.0.1", "tcp://:5555", "tcp://host:",
            "tcp://host:65536", "tcp://host:-1", "tcp://host:+1", "tcp://host:80x", "udp://host:1",
            "tcp://[::1:80", "tcp://[host]:80", "tcp://::1:80", "tcp://10.0.0.1:1;127.0.0.1:80",
            "tcp://ho st:80", "inproc://", "ipc://", "TCP://host:80", "tcp://[fe80::1]:80",
            "tcp://[fe80::1%]:80", "tcp://[fe80::1%a/b]:80", "tcp://[::1%]:80", "tcp://[]:80",
            "tcp://[127.0.0.1]:80", "tcp://::1", "tcp://fe80::1%eth0:80",
        ])
    func invalidEndpointsAreRejected(_ text: String) {
        let error = #expect(throws: SocketError.self) { try Endpoint(text) }
        #expect(error?.kind == .invalidEndpoint)
        #expect(error?.description.hasPrefix("\"\(text)\" is not an endpoint: ") == true)
    }

    @Test("port 0 means any free port") func port0MeansAnyFreePort() throws {
        #expect(try Endpoint("tcp://127.0.0.1:0") == .tcp(host: "127.0.0.1", port: nil))
    }

    @Test(
        "only endpoints of this machine are local",
        arguments: [
            ("tcp://127.0.0.1:1", true), ("tcp://127.9.9.9:1", true), ("tcp://localhost:1", true),
            ("tcp://[::1]:1", true), ("tcp://[0:0:0:0:0:0:0:1]:1", true),
            ("tcp://[::ffff:127.0.0.1]:1", true), ("ipc:///x", true), ("inproc://x", true),
            ("tcp://[::1%lo]:1", true), ("tcp://[fe80::1%lo]:1", false),
            ("tcp://*:1", false), ("tcp://0.0.0.0:1", false), ("tcp://[::]:1", false),
            ("tcp://10.0.0.1:1", false), ("tcp://128.0.0.1:1", false),
            ("tcp://127.0.0.1.example.com:1", false), ("tcp://eth0:1", false),
            ("tcp://[::ffff:10.0.0.1]:1", false), ("tcp://localhost.example.com:1", false),
        ])
    func onlyEndpointsOfThisMachineAreLocal(_ text: String, _ isLocal: Bool) throws {
        #expect(try Endpoint(text).isLocal == isLocal)
    }

    @Test("a public endpoint without keys is rejected")
    func publicEndpointWithoutKeysIsRejected() throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        let error = #expect(throws: SocketError.self) {
            try socket.bind(to: Endpoint("tcp://0.0.0.0:*"))
        }
        #expect(error?.kind == .policy)
        #expect(
            error?.description == """
                tcp://0.0.0.0:* can be reached from other machines, and any of them could join the run or \
                read its traffic: give CURVE keys, bind to 127.0.0.1 or [::1], or pass --insecure.
                """)
        try socket.bind(to: Endpoint("tcp://0.0.0.0:*"), insecure: true)
        let authenticator = try Authenticator(in: context, allowList: AllowList())
        let keys = try CurveKeyPair.generate()
        let server = try Socket(
            .router, in: context,
            options: SocketOptions(security: .curveServer(keys, authenticator)))
        try server.bind(to: Endpoint("tcp://0.0.0.0:*"))
    }

    @Test(
        "an endpoint that IPv6 makes invalid is explained",
        arguments: [
            ("tcp://::1:80", "in brackets"), ("tcp://fd00::1", "in brackets"),
            ("tcp://[fe80::1]:80", "tcp://[fe80::1%eth0]:5555"),
        ])
    func invalidIPv6EndpointIsExplained(_ text: String, _ advice: String) {
        let error = #expect(throws: SocketError.self) { try Endpoint(text) }
        #expect(error?.description.contains(advice) == true, "\(error?.description ?? "")")
    }

    @Test(
        "messages are exchanged over both kinds of addresses",
        arguments: [
            ("tcp://[::1]:*", "::1"), ("tcp://[0:0::1]:*", "::1"), ("tcp://[::1%lo]:*", "::1"),
            ("tcp://*:*", "::1"), ("tcp://*:*", "127.0.0.1"), ("tcp://[::]:*", "::1"),
            ("tcp://0.0.0.0:*", "localhost"), ("tcp://localhost:*", "localhost"),
            ("tcp://lo:*", "127.0.0.1"), ("tcp://*:*", "localhost"),
        ])
    func messagesAreExchangedOverBothKindsOfAddresses(_ bound: String, _ host: String) throws {
        let context = try Context()
        let server = try Socket(.router, in: context)
        guard case .tcp(_, let port) = try server.bind(to: Endpoint(bound), insecure: true) else {
            Issue.record("\(bound) is not bound by TCP")
            return
        }
        let client = try Socket(.dealer, in: context)
        try client.connect(to: .tcp(host: host, port: port))
        try client.send([Frame([1, 2, 3])])
        var poller = Poller()
        _ = poller.add(server)
        _ = try poller.wait(upTo: .seconds(10))
        #expect(try server.receive()?.frames.last?.bytes == [1, 2, 3])
    }

    @Test("an unknown interface or name is reported at once")
    func unknownInterfaceIsReportedAtOnce() throws {
        let socket = try Socket(.router, in: try Context())
        for text in ["tcp://[fe80::1%denju9]:5555", "tcp://no-such-host-denju:5555"] {
            let error = #expect(throws: SocketError.self) {
                try socket.bind(to: Endpoint(text), insecure: true)
            }
            #expect(error?.kind == .addressNotAvailable, "\(error?.description ?? "")")
        }
        #expect(throws: SocketError.self) {
            try socket.connect(to: Endpoint("tcp://[fe80::1%denju9]:5555"))
        }
    }

    @Test("localhost can be bound") func localhostCanBeBound() throws {
        let context = try Context()
        let socket = try Socket(.router, in: context)
        let endpoint = try socket.bind(to: Endpoint("tcp://localhost:*"))
        #expect(endpoint.isLocal)
        guard case .tcp("127.0.0.1", .some) = endpoint else {
            Issue.record("\(endpoint)")
            return
        }
    }
}
