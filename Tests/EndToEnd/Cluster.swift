/// A coordinator and its workers, each a process of its own.
final class Cluster {
    private let folder: Folder
    private let arguments: [String]
    private(set) var coordinator: Command
    private(set) var workers: [Command] = []
    /// Where the coordinator listens.
    private(set) var address = ""

    /// Starts a coordinator over `recipe.yaml` and `run` in a folder.
    init(in folder: Folder, _ arguments: String..., minimumWorkers: Int = 1) throws {
        self.folder = folder
        self.arguments =
            ["coordinator", "--recipe", "recipe.yaml", "--run", "run"]
            + ["--minimum-workers", "\(minimumWorkers)"] + arguments
        coordinator = try Denju.start(self.arguments, in: folder)
        try findAddress()
    }

    private func findAddress() throws {
        try wait("address of the coordinator") {
            guard coordinator.isRunning else { throw Impatience(coordinator.saidSoFar) }
            return folder.has("run/address")
        }
        address = try folder.text("run/address").split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Starts another worker.
    @discardableResult
    func join(threads: Int = 1, _ arguments: String...) throws -> Command {
        let worker = try Denju.start(
            [
                "worker", "--connect", address, "--threads", "\(threads)", "--name",
                "w\(workers.count + 1)", "--cache", folder("cache"), "--patience", "60",
            ] + arguments, in: folder)
        workers.append(worker)
        return worker
    }

    /// Kills the coordinator and starts it again where it was; false if the run is over: there was
    /// nothing left to kill, or nothing left to do.
    @discardableResult
    func killCoordinatorAndResume() throws -> Bool {
        coordinator.kill(9)
        guard try coordinator.outcome().status != 0 else { return false }
        if folder.has("run/address") { try folder.remove("run/address") }
        coordinator = try Denju.start(arguments + ["--resume", "--bind", address], in: folder)
        do { try findAddress() } catch {
            guard try coordinator.outcome().status == 0 else { throw error }
            return false
        }
        return true
    }

    /// Has a worker replaced by a newcomer.
    func replace(_ worker: Command, threads: Int = 1) throws {
        workers.removeAll { $0 === worker }
        try join(threads: threads)
    }

    /// Waits until the coordinator ends.
    func outcome() throws -> Command.Outcome { try coordinator.outcome() }
}
