import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Telemetry
import ZeroMQ

struct RelayCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relay",
        abstract: "Stands between a coordinator and workers: shares its work out, passes up sums.",
        discussion: """
            Example, on a rack's machine that the coordinator reaches, and on the rack's others:
              denju relay --connect tcp://host:5555 --bind 'tcp://0.0.0.0:5556' --key relay.key \
            --server coordinator.pub --workers keys/
              denju worker --connect tcp://relay:5556 --key worker.key --server relay.pub

            To the coordinator it is a worker: its key must lie in the coordinator's --workers \
            folder. To its workers, or to further relays, it is the coordinator: they are given \
            its public key, and theirs lie in its own --workers folder, which is looked at with \
            every heartbeat, and at once on SIGHUP.

            Weights, teacher and scans come to it once and are handed on from there; what goes up \
            are the sums of whole sub-trees, so that the coordinator's load grows with the relays \
            and not with the workers. The run's result stays the same, bit for bit, with any \
            number of relays, whoever joins, leaves or dies. Workers whose relay is gone call it \
            again for their --patience.

            What is not on the command line is taken from DENJU_ and the option's name \
            (DENJU_BIND); then --connect from MASTER_ADDR and MASTER_PORT.

            It ends with status 0 when the run is over, \(ExitCode.stopped.rawValue) when it or its \
            coordinator was asked to leave before (start it again), 2 when it cannot take part.
            """)

    static let settings: [LaunchSetting<RelayCommand>] = [
        .init("connect") { $0.calling.connect }, .init("bind") { $0.bind },
        .init("publish") { $0.publish }, .init("name") { $0.name },
        .init("key") { $0.calling.key }, .init("server") { $0.calling.server },
        .init("workers") { $0.workers }, .init("numerics") { $0.numerics.rawValue },
        .init("cache") { $0.calling.cache }, .init("cache-limit") { $0.calling.cacheLimit },
        .init("patience") { "\($0.calling.patience)" }, .init("pulse") { $0.calling.pulse },
    ]

    @OptionGroup var calling: ConnectionOptions

    @Option(name: .long, help: "Where to listen for workers; port * takes a free one.")
    var bind = "tcp://127.0.0.1:*"

    @Option(
        name: .long,
        help: "A file to write its address into, which workers find with --connect file:PATH.",
        completion: .file())
    var publish: String?

    @Option(name: .long, help: "What records call this relay.")
    var name = "relay"

    @Option(
        name: .long, help: "A folder with the public keys (*.pub) of the workers that may join.",
        completion: .directory)
    var workers: String?

    @Flag(name: .long, help: "Let other machines connect although there are no keys.")
    var insecure = false

    @Option(
        name: .long,
        help:
            "What becomes of workers that compute other bits: exact refuses them, warn names them.")
    var numerics = NumericsPolicy.exact

    @OptionGroup var config: ConfigOptions

    func execute() throws {
        var reception = ListenerSettings(endpoint: try Endpoint(bind), insecure: insecure)
        if let workers {
            guard let key = calling.key else {
                throw UserError(
                    "--workers needs --key: the folder of the workers' public keys, and this "
                        + "relay's secret key.")
            }
            try reception.admit(workers, key: key)
        }
        // With a key of its own for its workers alone, it may still call without.
        let callsWithKeys = calling.server != nil || workers == nil
        let stop = StopRequest.onSignals(consequence: "saying goodbye; others do what it holds")
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let above = try calling.settings(
            of: "relay", name: name,
            security: callsWithKeys ? calling.keys(of: "this relay") : nil, stop: stop, manager)
        let server = try RelayServer(
            RelaySettings(
                above: above, reception: reception, admitsOtherNumerics: numerics == .warn))
        printMessage("relay listens at \(server.address)")
        if let publish {
            try "\(server.address)\n".write(toFile: publish, atomically: true, encoding: .utf8)
        }
        defer { if let publish { try? FileManager.default.removeItem(atPath: publish) } }
        manager.tell(.ready)
        let end = try server.run()
        manager.tell(.stopping)
        printMessage("relay: \(end.isRunOver ? "the run is over: " : "")\(end.reason)")
        if !end.isRunOver { throw ExitCode.stopped }
    }
}
