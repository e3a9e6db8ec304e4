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
        abstract:
            "Runs a relay between a coordinator and workers: forwards leases and sums gradients.",
        discussion: """
            Example, on the machine of a rack that reaches the coordinator, and on the other machines:
              denju relay --connect tcp://host:5555 --bind 'tcp://*:5556' --key relay.key \
            --server coordinator.pub --workers keys/
              denju worker --connect tcp://relay:5556 --key worker.key --server relay.pub

            For the coordinator a relay is a worker: its public key must be in the coordinator's \
            --workers folder. For its workers, or for further relays, it is the coordinator: they \
            use its public key, and their public keys are in its own --workers folder, which is \
            read with every heartbeat, and immediately on SIGHUP.

            A relay receives weights, teacher and scans once and forwards them. It sends the sums of \
            whole subtrees to the coordinator, whose load therefore depends on the number of relays \
            and not of workers. The run's result is bit-identical for any number of relays. Workers \
            whose relay is lost retry it for their --patience.

            Options that are not on the command line are read from DENJU_ and the option's name \
            (DENJU_BIND); then --connect from MASTER_ADDR and MASTER_PORT.

            The exit status is 0 when the run is complete, \(ExitCode.stopped.rawValue) when the \
            relay or its coordinator was stopped before (start it again), 2 when the relay cannot \
            take part.
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

    @Option(name: .long, help: "The address to listen at for workers; port * selects a free one.")
    var bind = "tcp://127.0.0.1:*"

    @Option(
        name: .long,
        help: "A file for the relay's address, which workers read with --connect file:PATH.",
        completion: .file())
    var publish: String?

    @Option(name: .long, help: "The relay's name in records.")
    var name = "relay"

    @Option(
        name: .long, help: "A folder with the public keys (*.pub) of the workers that may join.",
        completion: .directory)
    var workers: String?

    @Flag(name: .long, help: "Allow connections from other machines without keys.")
    var insecure = false

    @Option(
        name: .long,
        help:
            "The policy for workers that compute other bits: exact rejects them, warn admits them with a warning."
    )
    var numerics = NumericsPolicy.exact

    @OptionGroup var config: ConfigOptions

    func execute() throws {
        var reception = ListenerSettings(endpoint: try Endpoint(bind), insecure: insecure)
        if let workers {
            guard let key = calling.key else {
                throw UserError(
                    "--workers requires --key: the folder of the workers' public keys and this "
                        + "relay's secret key.")
            }
            try reception.admit(workers, key: key)
        }
        // A relay may use keys for its workers and none for a coordinator on the same machine.
        let callsWithKeys = calling.server != nil || workers == nil
        let stop = StopRequest.onSignals(
            hangUpReloads: workers != nil, consequence: "returning the leases, which are reassigned"
        )
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let above = try calling.settings(
            of: "relay", name: name,
            security: callsWithKeys ? calling.keys(of: "this relay") : nil, stop: stop, manager)
        let server = try RelayServer(
            RelaySettings(
                above: above, listener: reception, admitsOtherNumerics: numerics == .warn))
        printMessage("relay listens at \(server.address)")
        if let publish {
            try "\(server.address)\n".write(toFile: publish, atomically: true, encoding: .utf8)
        }
        defer { if let publish { try? FileManager.default.removeItem(atPath: publish) } }
        manager.tell(.ready)
        let end = try server.run()
        manager.tell(.stopping)
        printMessage("relay: \(end.isRunOver ? "the run has ended: " : "")\(end.reason)")
        if !end.isRunOver { throw ExitCode.stopped }
    }
}
