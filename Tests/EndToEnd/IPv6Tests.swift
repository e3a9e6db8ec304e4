import Foundation
import Testing

/// Runs over IPv6, and over names with addresses of one or both kinds.
@Suite struct IPv6Tests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.alone(steps: 3).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "reference", "--workers", "1")
    }

    @Test("coordinator, relay, worker, status and live page work over IPv6")
    func everyConnectionWorksOverIPv6() throws {
        let cluster = try Cluster(in: folder, "--bind", "tcp://[::1]:*", "--monitor", "[::1]:0")
        #expect(cluster.address.hasPrefix("tcp://[::1]:"))
        let status = try Denju.run(["status", "--connect", cluster.address], in: folder)
        #expect(status.status == 0, "\(status.errors)")
        let page = try folder.text("run/monitor").trimmingCharacters(in: .newlines)
        #expect(page.hasPrefix("http://[::1]:"))
        let port = try #require(page.dropLast().split(separator: ":").last)
        let health = try Denju.script(
            """
            exec 3<>/dev/tcp/::1/\(port)
            printf 'GET /healthz HTTP/1.1\\r\\nHost: [::1]:\(port)\\r\\n\\r\\n' >&3
            cat <&3
            """, in: folder)
        #expect(health.output.contains("is running"), "\(health)")
        let relay = try Denju.start(
            [
                "relay", "--connect", cluster.address, "--bind", "tcp://[::1]:*", "--publish",
                "relay", "--cache", "cache",
            ], in: folder)
        try relay.waitForMessage("relay listens at tcp://[::1]:")
        let worker = try Denju.start(
            ["worker", "--connect", "file:relay", "--cache", "cache"], in: folder)
        #expect(try cluster.outcome().status == 0)
        for process in [relay, worker] { #expect(try process.outcome().status == 0) }
        #expect(try folder.digest(of: "run") == folder.digest(of: "reference"))
    }

    @Test(
        "workers find a coordinator by names with one or both kinds of addresses",
        .enabled(if: Network.obstacleToNamespaces == nil, "user namespaces"),
        arguments: [
            ("tcp://[::1]:*", "six"), ("tcp://*:*", "six"), ("tcp://127.0.0.1:*", "both"),
            ("tcp://[::1]:*", "both"), ("tcp://six:*", "six"), ("tcp://*:*", "four"),
        ])
    func workersFindCoordinatorByName(bind: String, name: String) throws {
        let outcome = try Denju.script(
            """
            printf '127.0.0.1 localhost four both\\n::1 six both\\n' >hosts
            unshare -rm bash -euc '
                mount --bind hosts /etc/hosts
                denju coordinator --recipe recipe.yaml --run run --bind "\(bind)" --insecure & run=$!
                until [ -s run/address ]; do sleep 0.02; done
                port=$(sed "s/.*://" run/address)
                denju worker --connect "tcp://\(name):$port" --cache cache --patience 30
                wait $run'
            """, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try folder.digest(of: "run") == folder.digest(of: "reference"))
    }

    @Test("mistakes in IPv6 addresses are one sentence")
    func mistakesAreOneSentence() throws {
        for (address, part) in [
            ("tcp://::1:5555", "in brackets"), ("tcp://[fe80::1]:5555", "requires its interface"),
            ("tcp://[fe80::1%denju9]:5555", "no network interface 'denju9'"),
        ] {
            expectOneSentence(
                try Denju.run(["worker", "--connect", address, "--cache", "cache"], in: folder),
                saying: [part])
            expectOneSentence(
                try Denju.run(
                    ["coordinator", "--recipe", "recipe.yaml", "--run", "other", "--insecure"]
                        + ["--bind", address], in: folder), saying: [part])
        }
        for host in ["1::2::3", "[::1", "fe80::1", "a b", "*"] {
            expectOneSentence(
                try Denju.run(
                    ["coordinator", "--recipe", "recipe.yaml", "--run", "other", "--advertise"]
                        + [host], in: folder), saying: ["--advertise is '\(host)'"])
        }
        #expect(!folder.has("other"))
    }
}
