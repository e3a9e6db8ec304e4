internal import Tensors

/// What a checkpoint holds, without its numbers.
package struct CheckpointInspection: Sendable {
    /// Where the run stood.
    package var state: CheckpointState
    /// The files with their sizes and digests, the manifest not included.
    package var files: [FileSummary]
    /// The groups of tensors: the student, the optimiser, the others by name.
    package var groups: [Group]

    /// A group of tensors.
    package struct Group: Sendable {
        /// Its name: `model`.
        package var name: String
        /// Its tensors in the order of the files.
        package var tensors: [Item]
        /// How many numbers it has.
        package var scalarCount: Int { tensors.reduce(0) { $0 + $1.entry.count } }
    }

    /// A tensor.
    package struct Item: Sendable {
        /// The file it stands in.
        package var file: String
        /// Its name, type, shape and place in the file.
        package var entry: SafetensorsEntry
        /// The digest of its bytes.
        package var sha256: SHA256
    }
}

extension CheckpointStore {
    /// What a checkpoint holds; an error names the first problem if it is not whole.
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

    /// One hash over the names, shapes and bits of a checkpoint's tensors.
    ///
    /// `Checkpoint.digest` without holding them all in memory; how they are cut into files does not
    /// matter.
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
