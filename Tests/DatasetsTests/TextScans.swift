import Datasets
import FoundationEssentials
import PointClouds
import ZipArchives

/// Scans in text files with one point per line: x, y, z in metres, and the number of its class.
struct TextScans: SceneSource {
    let name = "text"
    let classes = ["ground", "tree", "house"]
    let channels: [ChannelSpecification] = []
    private let folder: String
    private let files: [String]

    init(_ settings: DataSettings, split: Split) throws {
        guard let path = settings.path else {
            throw SourceError("The source 'text' reads files: set data.path to their folder.")
        }
        folder = path + "/" + split.rawValue
        let listed = try? FileManager.default.contentsOfDirectory(atPath: folder)
        files = (listed ?? []).filter { $0.hasSuffix(".txt") }.sorted()
        guard !files.isEmpty else {
            throw SourceError("The folder \(folder) has no .txt files: put the scans there.")
        }
    }

    var count: Int { files.count }

    func name(of index: Int) -> String { files[index] }

    func scene(at index: Int) throws -> Cloud {
        let path = folder + "/" + files[index]
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw SourceError("The file \(path) cannot be read: check its permissions.")
        }
        var cloud = Cloud(positions: [])
        for (number, line) in text.split(separator: "\n").enumerated() {
            let values = line.split(separator: " ").compactMap { Float($0) }
            guard values.count == 4, values.allSatisfy(\.isFinite),
                let label = Int32(exactly: values[3]), classes.indices.contains(Int(label))
            else {
                throw SourceError(
                    "Line \(number + 1) of \(path) is '\(line)': give x, y, z and a class "
                        + "from 0 to \(classes.count - 1).")
            }
            cloud.positions.append(SIMD3(values[0], values[1], values[2]))
            cloud.labels.append(label)
        }
        return cloud
    }
}
