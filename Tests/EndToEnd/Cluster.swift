/// A coordinator process and its worker processes.
final class Cluster {
    private let folder: Folder
    private let arguments: [String]
    private let minimumWorkers: Int
    private(set) var coordinator: Command
    private(set) var workers: [Command] = []
    /// The coordinator's address.
    private(set) var address = ""

    /// Starts a coordinator with `recipe.yaml` and `run` in a folder.
    init(in folder: Folder, _ arguments: String..., minimumWorkers: Int = 1) throws {
        self.folder = folder
        self.arguments =
            ["coordinator", "--recipe", "recipe.yaml", "--run", "run"] + arguments
        self.minimumWorkers = minimumWorkers
        coordinator = try Denju.start(
            self.arguments + ["--minimum-workers", "\(minimumWorkers)"], in: folder)
        try findAddress()
    }

    private func findAddress() throws {
        try wait("address of the coordinator") {
            guard coordinator.isRunning else { throw TestError(coordinator.errorsSoFar) }
            return folder.has("run/address")
        }
        address = try folder.text("run/address").split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Starts another worker with a cache, by default in the coordinator's folder.
    @discardableResult
    func join(
        _ arguments: String..., from elsewhere: Folder? = nil, threads: Int = 1,
        under environment: [String: String] = [:]
    ) throws -> Command {
        let folder = elsewhere ?? folder
        let worker = try Denju.start(
            [
                "worker", "--connect", address, "--threads", "\(threads)", "--name",
                "w\(workers.count + 1)", "--cache", folder("cache"), "--patience", "60",
            ] + arguments, in: folder, under: environment)
        workers.append(worker)
        return worker
    }

    /// Kills the coordinator and starts it again at the same address; false if the run is already
    /// complete.
    ///
    /// A worker that is still backing off when the run ends retries until its timeout. Tests that
    /// expect every worker to end with status 0 set `minimumWorkers` to all of them.
    @discardableResult
    func killCoordinatorAndResume(minimumWorkers: Int? = nil) throws -> Bool {
        coordinator.kill(9)
        guard try coordinator.outcome().status != 0 else { return false }
        if folder.has("run/address") { try folder.remove("run/address") }
        let minimum = "\(minimumWorkers ?? self.minimumWorkers)"
        coordinator = try Denju.start(
            arguments + ["--minimum-workers", minimum, "--resume", "--bind", address], in: folder)
        do { try findAddress() } catch {
            guard try coordinator.outcome().status == 0 else { throw error }
            return false
        }
        return true
    }

    /// Removes a worker from the list and starts another one.
    func replace(_ worker: Command, threads: Int = 1) throws {
        workers.removeAll { $0 === worker }
        try join(threads: threads)
    }

    /// Waits until the coordinator ends.
    func outcome() throws -> Command.Outcome { try coordinator.outcome() }
}
