import ArgumentParser
import Foundation
import Reporting
import ZeroMQ

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Generates a CURVE key pair: NAME.key, which is secret, and NAME.pub.",
        discussion: """
            Example, for a coordinator and one worker:
              denju keys coordinator
              denju keys keys/worker-1
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://*:5555' \
            --key coordinator.key --workers keys
              denju worker --connect tcp://host:5555 --key keys/worker-1.key --server coordinator.pub

            Copy its own .key and the coordinator's .pub to each worker, nothing else.

            Examples, to replace the keys of a worker and of the coordinator during a run:
              denju keys --renew keys/worker-1
              scp keys/worker-1.key host:worker.key
              denju keys --renew coordinator
              scp coordinator.pub host:coordinator.pub

            The coordinator reads its own key and its folder of keys with every heartbeat, and \
            immediately on SIGHUP. The worker whose key was renewed is disconnected; a worker reads \
            its files at every connection.
            """)

    @Argument(help: "The path and name of the pair, without extension.")
    var name: String?

    @Flag(
        name: .long,
        help: "Replace an existing pair; the former files remain with .old after their names.")
    var renew = false

    @Option(
        name: .long, help: "A folder whose keys are listed with name and fingerprint, as in logs.",
        completion: .directory)
    var list: String?

    func run() throws {
        try reporting {
            switch (name, list) {
            case (let name?, nil): try make(name)
            case (nil, let folder?) where !renew:
                for (name, key) in try AllowList(folder: folder).holders {
                    print("\(name) \(key.fingerprint)")
                }
            default:
                throw UserError(
                    "Give the name of a pair, also with --renew, or --list with a folder.")
            }
        }
    }

    private func make(_ name: String) throws {
        let pair = try CurveKeyPair.generate()
        if renew {
            try pair.renew(at: name)
        } else {
            let folder = URL(fileURLWithPath: name).deletingLastPathComponent().path
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
            // Writing refuses an existing name: a lost secret key cannot be recovered.
            try pair.write(to: name)
        }
        printSummary(
            "\(name).key (secret, mode 0600)\n\(name).pub (fingerprint \(pair.publicKey.fingerprint))"
        )
    }
}
