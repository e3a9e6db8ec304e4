/// A coordinator and its workers, each a process of its own.
final class Cluster {
    private let folder: Folder
    private let arguments: [String]
    private let minimumWorkers: Int
    private(set) var coordinator: Command
    private(set) var workers: [Command] = []
    /// Where the coordinator listens.
    private(set) var address = ""

    /// Starts a coordinator over `recipe.yaml` and `run` in a folder.
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
            guard coordinator.isRunning else { throw Impatience(coordinator.saidSoFar) }
            return folder.has("run/address")
        }
        address = try folder.text("run/address").split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Starts another worker; in the coordinator's folder unless told otherwise, with a cache there.
    @discardableResult
    func join(
        _ arguments: String..., from elsewhere: Folder? = nil, threads: Int = 1
    ) throws -> Command {
        let folder = elsewhere ?? folder
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
    ///
    /// A worker that is still backing off when the others have finished calls in vain for as long as
    /// its patience lasts: who expects each to end well has it wait for all of them.
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

    /// Has a worker replaced by a newcomer.
    func replace(_ worker: Command, threads: Int = 1) throws {
        workers.removeAll { $0 === worker }
        try join(threads: threads)
    }

    /// Waits until the coordinator ends.
    func outcome() throws -> Command.Outcome { try coordinator.outcome() }
}
