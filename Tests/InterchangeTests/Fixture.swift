import Foundation

/// Files that `make_checkpoints.py` made.
enum Fixture {
    static let folder =
        Bundle.module.resourceURL!.appending(path: "Fixtures").path

    static func path(_ name: String) -> String { folder + "/" + name }

    /// Checkpoints that must be rejected, named by the words that the message must contain.
    static let rejected: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path("refused"))
        return (names ?? []).sorted().map { String($0.dropLast(".pth".count)) }
    }()

    static func golden() throws -> Golden {
        try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(filePath: path("golden.json"))))
    }
}

/// Results of PyTorch.
struct Golden: Decodable {
    /// Three numbers per voxel.
    let cells: [Int32]
    /// Four numbers per voxel.
    let features: [Float]
    /// Three numbers per voxel.
    let scores: [Float]
    let views: [String: [Float]]
}
