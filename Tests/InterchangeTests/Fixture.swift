import Foundation

/// What `make_checkpoints.py` made.
enum Fixture {
    static let folder =
        Bundle.module.resourceURL!.appending(path: "Fixtures").path

    static func path(_ name: String) -> String { folder + "/" + name }

    /// The checkpoints that must be refused, by what the sentence has to say.
    static let refused: [String] = {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path("refused"))
        return (names ?? []).sorted().map { String($0.dropLast(".pth".count)) }
    }()

    static func golden() throws -> Golden {
        try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(filePath: path("golden.json"))))
    }
}

/// What PyTorch computed.
struct Golden: Decodable {
    /// Three numbers a voxel.
    let cells: [Int32]
    /// Four numbers a voxel.
    let features: [Float]
    /// Three numbers a voxel.
    let scores: [Float]
    let views: [String: [Float]]
}
