import Checkpoints
import Foundation
import Tensors
import Testing

/// Files written by PyTorch, which are read if they exist beside the checkout.
@Suite struct FixtureTests {
    private static var files: [String] {
        var package = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { package.deleteLastPathComponent() }
        let folder = package.appendingPathComponent("../shared/fixtures").standardizedFileURL.path
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".safetensors") }.sorted().map { folder + "/" + $0 }
    }

    @Test("every tensor of a PyTorch file can be read", arguments: files)
    func everyTensorOfPyTorchFileCanBeRead(path: String) throws {
        let file = try SafetensorsFile(path)
        #expect(!file.names.isEmpty)
        for entry in file.entries {
            switch entry.type {
            case .float32, .float64, .float16, .bfloat16:
                let tensor = try file.tensor(entry.name)
                #expect(tensor.count == entry.count && tensor.values.allSatisfy(\.isFinite))
            case .bool: #expect(try file.bools(entry.name).count == entry.count)
            default: #expect(try file.int64s(entry.name).count == entry.count)
            }
        }
    }
}
