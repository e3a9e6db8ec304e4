package import Files
internal import Tensors

/// The contents of a checkpoint without the tensors' values.
package struct CheckpointInspection: Sendable {
    /// The run's state.
    package var state: CheckpointState
    /// The files with their sizes and digests, without the manifest.
    package var files: [FileSummary]
    /// The groups of tensors: the student, the optimiser, then the others by name.
    package var groups: [Group]

    /// A group of tensors.
    package struct Group: Sendable {
        /// The group's name, such as `model`.
        package var name: String
        /// The tensors in the order of the files.
        package var tensors: [Item]
        /// The number of values in the group.
        package var scalarCount: Int { tensors.reduce(0) { $0 + $1.entry.count } }
    }

    /// A tensor.
    package struct Item: Sendable {
        /// The file that contains the tensor.
        package var file: String
        /// The tensor's name, type, shape and range in the file.
        package var entry: SafetensorsEntry
        /// The digest of the tensor's bytes.
        package var sha256: SHA256
    }
}

extension CheckpointStore {
    /// Lists a checkpoint's contents; throws the first problem of a damaged checkpoint.
    package func inspect(_ folder: String) throws -> CheckpointInspection {
        let report = verify(folder)
        if let problem = report.problems.first { throw problem }
        let groups = try groupNames(in: report.files).map { group in
            var tensors: [CheckpointInspection.Item] = []
            for file in try shards(of: group, in: folder).files {
                for entry in file.entries {
                    tensors.append(
                        CheckpointInspection.Item(
                            file: FilePaths.lastName(of: file.path), entry: entry,
                            sha256: try file.digest(of: entry.name)))
                }
            }
            return CheckpointInspection.Group(name: group, tensors: tensors)
        }
        return CheckpointInspection(
            state: try state(of: folder), files: report.files, groups: groups)
    }

    /// A hash of the names, shapes and bits of a checkpoint's tensors.
    ///
    /// Equals ``Checkpoint/digest``, without loading all tensors into memory.
    package func digest(_ folder: String) throws -> SHA256 {
        let report = verify(folder)
        if let problem = report.problems.first { throw problem }
        var digest = WeightsDigest()
        for group in groupNames(in: report.files) {
            let files = try shards(of: group, in: folder).files
            var places: [(name: String, file: SafetensorsFile)] = []
            for file in files { places += file.names.map { ($0, file) } }
            places.sort { WeightsDigest.precedes($0.name, $1.name) }
            digest.begin(group: group, count: places.count)
            for place in places { digest.add(try place.file.namedTensor(place.name)) }
        }
        return digest.value
    }
}
