import Foundation
import Tensors
import Testing

@Suite("Numerics")
struct NumericsTests {
    private let package = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test("the fingerprint is the same every time and on every thread")
    func stable() async {
        let reference = Numerics.fingerprint(coreName: "none")
        #expect(reference.hash.count == 32)
        #expect(reference.description.hasPrefix("none v"))
        await withTaskGroup(of: Numerics.Fingerprint.self) { group in
            for _ in 0..<4 { group.addTask { Numerics.fingerprint(coreName: "none") } }
            for await other in group { #expect(other == reference) }
        }
    }

    /// `cluster/checks/arm` compares the same file with the results of 64-bit Arm.
    @Test("every kernel file computes the same bits at every width", arguments: [4, 3, 0])
    func widths(width: Int) throws {
        let expected = try String(
            contentsOf: package.appending(path: "cluster/checks/kernels.txt"), encoding: .utf8)
        let computed = Kernels.withWidth(width) {
            Numerics.kernelFiles.map { file in
                let digits = String(file.hash, radix: 16)
                return (
                    file,
                    "\(file.name) \(String(repeating: "0", count: 16 - digits.count))\(digits)"
                )
            }
        }
        let lines = expected.split(separator: "\n").map(String.init)
        #expect(computed.count == lines.count)
        for (line, (file, text)) in zip(lines, computed) {
            // Not every processor has the instructions of optional files.
            if !(file.isOptional && file.hash == 0) { #expect(text == line) }
        }
    }

    @Test("every kernel file has a hash")
    func hashesAreComplete() throws {
        let folder = package.appending(path: "Sources/CKernels").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".c") }.map { String($0.dropLast(2)) }
        // Measurements of speed, memory, the width itself and this hash.
        let others = ["bounds", "pool", "width", "canary"]
        #expect(Set(Numerics.kernelFiles.map(\.name)) == Set(files).subtracting(others))
    }

    @Test("the fingerprint is the same at every width")
    func fingerprintAtEveryWidth() {
        let widths = [4, 3, 0].map {
            Kernels.withWidth($0) { Numerics.fingerprint(coreName: "none") }
        }
        #expect(Set(widths.map(\.hash)).count == 1)
        #expect(widths[2].kernelWidth == 0)
    }
}
