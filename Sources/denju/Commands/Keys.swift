import ArgumentParser
import Foundation
import ZeroMQ

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes a CURVE key pair: NAME.key, which stays secret, and NAME.pub.",
        discussion: """
            Example, for a coordinator and one worker:
              denju keys coordinator
              denju keys keys/worker-1
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://0.0.0.0:5555' \
            --key coordinator.key --workers keys
              denju worker --connect tcp://host:5555 --key keys/worker-1.key --server coordinator.pub

            Copy to each worker its own .key and the coordinator's .pub, nothing else.
            """)

    @Argument(help: "Path and name of the pair, without ending.")
    var name: String

    func run() throws {
        try reporting {
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
}
