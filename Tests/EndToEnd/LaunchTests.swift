import Foundation
import Testing

/// Settings and their sources, the published address, signals and the service manager.
@Suite struct LaunchTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The rows of `--print-config`: value and source by the setting's name.
    private func settings(
        _ arguments: String..., under environment: [String: String] = [:]
    ) throws -> [String: [String]] {
        let outcome = try Denju.run(arguments + ["--print-config"], in: folder, under: environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let rows = outcome.output.split(separator: "\n").dropFirst(2).map { line in
            line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty }
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Array($0[1...])) })
    }

    private static let launchers = [
        "MASTER_ADDR": "head", "MASTER_PORT": "29500", "SLURM_CPUS_PER_TASK": "4",
        "SLURM_PROCID": "7", "OMPI_COMM_WORLD_RANK": "8", "JOB_COMPLETION_INDEX": "9",
        "SLURMD_NODENAME": "node1",
    ]

    @Test func optionsPrecedeDenjuVariablesAndLauncherVariables() throws {
        var environment = Self.launchers
        let launched = try settings("worker", under: environment)
        #expect(launched["connect"] == ["tcp://head:29500", "MASTER_ADDR, MASTER_PORT"])
        #expect(launched["threads"] == ["4", "SLURM_CPUS_PER_TASK"])
        #expect(launched["name"] == ["worker-7", "SLURM_PROCID"])
        #expect(launched["key"] == ["-", "not set"])
        #expect(launched["patience"] == ["120.0", "default"])

        environment.merge([
            "DENJU_CONNECT": "tcp://other:1", "DENJU_THREADS": "3", "DENJU_NAME": "n",
            "DENJU_KEY": "k", "DENJU_SERVER": "s", "DENJU_CACHE": "c", "DENJU_PATIENCE": "2",
            "DENJU_CACHE_LIMIT": "1 GB", "DENJU_PULSE": "p",
        ]) { $1 }
        let ours = try settings("worker", under: environment)
        #expect(ours.count == 9)
        for (name, row) in ours {
            #expect(row.last == "DENJU_" + name.uppercased().replacing("-", with: "_"))
        }
        #expect(ours["connect"]?.first == "tcp://other:1")

        let flags = try settings(
            "worker", "--connect=tcp://third:2", "--threads", "2", under: environment)
        #expect(flags["connect"] == ["tcp://third:2", "command line"])
        #expect(flags["threads"] == ["2", "command line"])
        #expect(flags["name"] == ["n", "DENJU_NAME"])
    }

    @Test(
        arguments: [
            (["RANK": "1", "SLURM_PROCID": "7"], "worker-1", "RANK"),
            (
                ["SLURM_ARRAY_TASK_ID": "5", "SLURM_PROCID": "0"], "worker-5",
                "SLURM_ARRAY_TASK_ID"
            ),
            (["OMPI_COMM_WORLD_RANK": "8"], "worker-8", "OMPI_COMM_WORLD_RANK"),
            (["JOB_COMPLETION_INDEX": "9"], "worker-9", "JOB_COMPLETION_INDEX"),
            (["DENJU_NAME": "", "RANK": ""], "worker", "default"),
        ])
    func workersAreNumberedByLauncher(
        environment: [String: String], name: String, source: String
    ) throws {
        let settings = try settings("worker", "--connect", "tcp://a:1", under: environment)
        #expect(settings["name"] == [name, source])
    }

    @Test func coordinatorListensAtMasterAddress() throws {
        let launched = try settings(
            "coordinator", "--recipe", "a.yaml",
            under: Self.launchers.merging(
                ["DENJU_RUN": "runs/a", "DENJU_MINIMUM_WORKERS": "2"]) { $1 })
        #expect(launched["bind"] == ["tcp://*:29500", "MASTER_ADDR, MASTER_PORT"])
        #expect(launched["advertise"] == ["head", "MASTER_ADDR"])
        #expect(launched["run"] == ["runs/a", "DENJU_RUN"])
        #expect(launched["recipe"] == ["a.yaml", "command line"])
        #expect(launched["minimum-workers"] == ["2", "DENJU_MINIMUM_WORKERS"])
    }

    @Test(
        arguments: [
            ("127.0.0.1", "tcp://127.0.0.1:5", "tcp://127.0.0.1:5"),
            ("localhost", "tcp://127.0.0.1:5", "tcp://localhost:5"),
            ("::1", "tcp://[::1]:5", "tcp://[::1]:5"), ("[::1]", "tcp://[::1]:5", "tcp://[::1]:5"),
            ("10.0.0.1", "tcp://*:5", "tcp://10.0.0.1:5"),
            ("fd00::7", "tcp://*:5", "tcp://[fd00::7]:5"),
            ("fe80::7%eth0", "tcp://*:5", "tcp://[fe80::7%eth0]:5"),
        ])
    func masterAddressMayBeIPv6(host: String, bind: String, connect: String) throws {
        let environment = ["MASTER_ADDR": host, "MASTER_PORT": "5"]
        let coordinator = try settings(
            "coordinator", "--recipe", "a", "--run", "b", under: environment)
        #expect(coordinator["bind"]?.first == bind)
        let worker = try settings("worker", under: environment)
        #expect(worker["connect"]?.first == connect)
    }

    @Test(arguments: ["worker", "coordinator"])
    func printConfigShowsEveryOptionWithSource(command: String) throws {
        let help = try Denju.run(["help", command], in: folder).output
        let options = Set(help.matches(of: /\n {2}--([a-z-]+) </).map { String($0.1) })
        let shown = try settings(
            command,
            under: ["DENJU_CONNECT": "tcp://a:1", "DENJU_RECIPE": "r", "DENJU_RUN": "run"])
        #expect(options == Set(shown.keys))
        #expect(!folder.has("run"), "no run is started")
    }

    @Test func errorNamesVariableOfInvalidSetting() throws {
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "tcp://a:1"], in: folder, under: ["DENJU_THREADS": "many"]),
            saying: ["'many'", "--threads is from DENJU_THREADS"])
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "tcp://a:1"], in: folder, under: ["DENJU_THREADS": "0"]),
            saying: ["--threads is 0", "DENJU_THREADS"])
        try folder.write("nothing of the kind\n", to: "address")
        expectOneSentence(
            try Denju.run(["worker", "--connect", "file:address"], in: folder),
            saying: ["address does not hold a coordinator's address"])
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "file:none", "--patience", "0.1"], in: folder),
            saying: ["file:none was absent for 0.1 seconds"])
    }

    /// The worker starts before the coordinator and follows its address, which changes with every
    /// restart.
    @Test func workerFollowsPublishedAddress() throws {
        let fixture = try SharedFixture.open()
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        let worker = try Denju.start(
            ["worker", "--connect", "file:run/address", "--cache", "cache"], in: folder)
        let manager = try NotifySocket(at: folder("notify"))
        let arguments = ["coordinator", "--recipe", "recipe.yaml", "--run", "run", "--resume"]
        func start() throws -> Command {
            try Denju.start(
                arguments + ["--heartbeat-timeout", "1"], in: folder,
                under: ["NOTIFY_SOCKET": folder("notify")])
        }
        let first = try start()
        try folder.waitForStep(2)
        first.kill(SIGUSR1)
        let stopped = try first.outcome()
        #expect(stopped.status == 75, "\(stopped.errors)")
        #expect(stopped.errors.contains("SIGUSR1: finishing the step"))
        #expect(!folder.has("run/progress") && !folder.has("run/address"))
        let notifications = manager.received()
        #expect(notifications.contains("READY=1"))
        #expect(notifications.contains { $0.contains("WATCHDOG=1\nSTATUS=step 0 of 30") })
        #expect(notifications.last == "STOPPING=1")

        #expect(try worker.outcome().status == 75, "the worker can be started again")
        let second = try start()
        let other = try Denju.start(
            ["worker", "--connect", "file:run/address", "--cache", "cache"], in: folder)
        try second.waitForMessage("joins")
        second.kill(SIGKILL)
        _ = try second.outcome()
        let third = try start()
        #expect(try third.outcome().status == 0)
        #expect(try other.outcome().status == 0)
        #expect(try folder.digest(of: "run") == fixture.digest)
    }

    @Test func publishedAddressIsReachable() throws {
        try folder.write(try SharedFixture.open().alone(steps: 2).yaml, to: "recipe.yaml")
        let coordinator = try Denju.start(
            [
                "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--bind", "tcp://*:*",
                "--insecure", "--advertise", "localhost",
            ], in: folder)
        try wait("progress") { folder.has("run/progress") }
        #expect(try folder.text("run/address").hasPrefix("tcp://localhost:"))
        #expect(try folder.text("run/progress").hasPrefix("step 0 of 2"))
        // A name in the abstract namespace, as in containers.
        let name = "@denju-" + UUID().uuidString
        let manager = try NotifySocket(at: name)
        let worker = try Denju.run(
            ["worker", "--connect", "file:run/address", "--cache", "cache", "--pulse", "pulse"],
            in: folder, under: ["NOTIFY_SOCKET": name])
        #expect(worker.status == 0, "\(worker.errors)")
        #expect(folder.has("pulse"))
        let notifications = manager.received()
        #expect(
            notifications.prefix(2) == ["READY=1", "WATCHDOG=1"]
                && notifications.last == "STOPPING=1")
        #expect(notifications.contains { $0.hasPrefix("STATUS=welcomed as worker 1") })
        #expect(try coordinator.outcome().status == 0)
        expectOneSentence(
            try Denju.run(
                [
                    "coordinator", "--recipe", "recipe.yaml", "--run", "other", "--advertise",
                    "a b",
                ], in: folder), saying: ["--advertise is 'a b'"])
    }
}

/// A service manager's end of `NOTIFY_SOCKET`.
private final class NotifySocket {
    private let descriptor: Int32

    init(at path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if path.hasPrefix("@") { name[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = MemoryLayout<sa_family_t>.size + name.count
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(length))
            }
        }
        guard status == 0 else { throw TestError("\(path) cannot be bound") }
    }

    deinit { close(descriptor) }

    /// The received datagrams.
    func received() -> [String] {
        var messages: [String] = []
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return messages }
            messages.append(String(decoding: bytes[..<count], as: UTF8.self))
        }
    }
}
