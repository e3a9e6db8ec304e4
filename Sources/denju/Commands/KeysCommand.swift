import ArgumentParser
import Foundation
import Reporting
import ZeroMQ

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes a CURVE key pair: NAME.key, which stays secret, and NAME.pub.",
        discussion: """
            Example, for a coordinator and one worker:
              denju keys coordinator
              denju keys keys/worker-1
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://0.0.0.0:5555' \
            --key coordinator.key --workers keys
              denju worker --connect tcp://host:5555 --key keys/worker-1.key --server coordinator.pub

            Copy to each worker its own .key and the coordinator's .pub, nothing else.

            Example, to replace a worker's key while the run goes on:
              denju keys keys/worker-1-new
              scp keys/worker-1-new.key host:worker.key
              rm keys/worker-1.*
              denju keys --list keys

            The coordinator looks at its folder of keys with every heartbeat, and at once on SIGHUP; \
            a worker reads its own files whenever it calls.
            """)

    @Argument(help: "Path and name of the pair, without ending.")
    var name: String?

    @Option(
        name: .long, help: "A folder whose keys are shown: name and fingerprint, as in logs.",
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
                throw UserError("Give either the name of a new pair, or --list and a folder.")
            }
        }
    }

    private func make(_ name: String) throws {
        let folder = URL(fileURLWithPath: name).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let pair = try CurveKeyPair.generate()
        try pair.write(to: name)
        print(
            "\(name).key (secret, mode 0600)\n\(name).pub (fingerprint \(pair.publicKey.fingerprint))"
        )
    }
}
