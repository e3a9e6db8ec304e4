package import Files
package import Tensors

/// Weights in several safetensors files with an index, as denju and the public tools write them.
package struct ShardedFiles: Sendable {
    /// The files in the order of their names.
    package let files: [SafetensorsFile]

    /// Opens `folder/index` (such as `model.safetensors.index.json`) and the files that it names,
    /// and checks that index and files agree.
    package init(
        folder: String, index: String, in fileSystem: any FileSystem = LocalFileSystem()
    ) throws {
        let path = folder + "/" + index
        let bytes = try fileSystem.contents(
            of: path, limit: SafetensorsHeader.maximumSize)
        let map = try ShardedFiles.weightMap(of: bytes, path: path)
        let names = Set(map.map(\.file)).sorted(by: WeightsDigest.precedes)
        files = try names.map { try SafetensorsFile(folder + "/" + $0, in: fileSystem) }
        var owners: [String: String] = [:]
        for (name, file) in zip(names, files) {
            for tensor in file.names {
                if let other = owners.updateValue(name, forKey: tensor) {
                    throw FileError(
                        file.path, tensor: tensor, at: try file.entry(tensor).range.lowerBound,
                        "stands in \(other) as well")
                }
            }
        }
        for entry in map {
            guard owners.removeValue(forKey: entry.tensor) == entry.file else {
                throw FileError(
                    path, tensor: entry.tensor, at: entry.offset,
                    "is not in \(entry.file), where the index says it is")
            }
        }
        if let tensor = owners.keys.min(), let file = owners[tensor] {
            throw FileError(path, tensor: tensor, "stands in \(file), but the index lacks it")
        }
    }

    private struct Place {
        var tensor: String
        var file: String
        var offset: Int
    }

    private static func weightMap(of bytes: [UInt8], path: String) throws(FileError) -> [Place] {
        let value: JSONValue
        do {
            value = try JSONReader.value(of: bytes)
        } catch {
            throw FileError(path, at: error.offset, error.reason)
        }
        guard case .object(let members) = value,
            let map = members.first(where: { $0.key == "weight_map" }),
            case .object(let entries) = map.value
        else { throw FileError(path, at: 0, "has no weight_map that says where tensors are") }
        var places: [Place] = []
        for entry in entries {
            guard case .string(let file) = entry.value, Manifest.isPlain(file) else {
                throw FileError(
                    path, tensor: entry.key, at: entry.offset, "is not given a file's name")
            }
            places.append(Place(tensor: entry.key, file: file, offset: entry.offset))
        }
        return places
    }

    /// Reads all tensors, file by file, in the order of their bytes.
    package func weights() throws -> Weights {
        var weights = Weights()
        for file in files {
            for name in file.names { weights.append(try file.namedTensor(name)) }
        }
        return weights
    }
}
