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
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://0.0.0.0:5555' \
            --key coordinator.key --workers keys
              denju worker --connect tcp://host:5555 --key keys/worker-1.key --server coordinator.pub

            Copy its own .key and the coordinator's .pub to each worker, nothing else.

            Example, to replace a worker's key during a run:
              denju keys keys/worker-1-new
              scp keys/worker-1-new.key host:worker.key
              rm keys/worker-1.*
              denju keys --list keys

            The coordinator reads its folder of keys with every heartbeat, and immediately on \
            SIGHUP. A worker reads its own files at every connection.
            """)

    @Argument(help: "The path and name of the pair, without extension.")
    var name: String?

    @Option(
        name: .long, help: "A folder whose keys are listed with name and fingerprint, as in logs.",
        completion: .directory)
    var list: String?

    func run() throws {
        try reporting {
            switch (name, list) {
            case (let name?, nil): try make(name)
            case (nil, let folder?):
                for (name, key) in try AllowList(folder: folder).holders {
                    print("\(name) \(key.fingerprint)")
                }
            default:
                throw UserError("Give either the name of a new pair, or --list with a folder.")
            }
        }
    }

    private func make(_ name: String) throws {
        let folder = URL(fileURLWithPath: name).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        // Writing refuses an existing name: a lost secret key cannot be recovered.
        let pair = try CurveKeyPair.generate()
        try pair.write(to: name)
        printSummary(
            "\(name).key (secret, mode 0600)\n\(name).pub (fingerprint \(pair.publicKey.fingerprint))"
        )
    }
}
