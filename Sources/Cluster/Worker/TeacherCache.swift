package import Files
package import Messages

/// The teachers that a machine has fetched: files in the folder of a worker's cache.
///
/// A teacher has a file named by its digest, and one for each precision with its weights packed for
/// products. Only files with such names are removed: users may choose a folder with files of theirs.
package struct TeacherCache {
    private static let hour = 3600 * 1_000_000_000

    private let folder: String
    private let fileSystem: any FileSystem

    /// The files of one teacher.
    private struct Stored {
        private(set) var files: [String] = []
        private(set) var bytes = 0
        private(set) var used = 0

        mutating func add(_ name: String, _ status: FileStatus) {
            files.append(name)
            bytes += status.size
            used = max(used, status.used)
        }
    }

    /// The teachers in a folder, which need not exist.
    package init(_ folder: String, in fileSystem: any FileSystem = LocalFileSystem()) {
        self.folder = folder
        self.fileSystem = fileSystem
    }

    /// The path of a teacher's file in a cache.
    package static func path(of digest: Digest, in cache: String) -> String {
        "\(cache)/teacher-\(digest).safetensors"
    }

    /// An unused path for a file that is being fetched.
    package static func unfinishedPath(of digest: Digest, in cache: String) -> String {
        path(of: digest, in: cache) + "." + TemporaryName.make()
    }

    /// Removes interrupted downloads and, beyond a limit, the teachers that were used least recently.
    ///
    /// Neither teachers nor downloads of the last hour are removed, as other workers may use them. Files
    /// that cannot be removed stay, without an error: this frees space and nothing depends on it.
    ///
    /// - Parameters:
    ///   - digest: the teacher in use, which stays and counts as used now.
    ///   - limit: the most bytes of all teachers.
    /// - Returns: the bytes of the teachers that are left.
    package func makeRoom(keeping digest: Digest, limit: Int) -> Int {
        try? fileSystem.touch(Self.path(of: digest, in: folder))
        let (teachers, unfinished) = stored()
        // The file just touched has the present time of the file system's own clock.
        let now = teachers["\(digest)"]?.used ?? 0
        for file in unfinished where file.used < now - Self.hour {
            try? fileSystem.removeFile(file.path)
        }
        var bytes = teachers.values.reduce(0) { $0 + $1.bytes }
        for old in teachers.values.sorted(by: { $0.used < $1.used })
        where bytes > limit && old.used < now - Self.hour {
            for file in old.files { try? fileSystem.removeFile("\(folder)/\(file)") }
            bytes -= old.bytes
        }
        return bytes
    }

    /// The teachers by their digests, and the files that are not complete.
    private func stored() -> (
        teachers: [Substring: Stored], unfinished: [(path: String, used: Int)]
    ) {
        // A packed file's name states its precision and the digest of its layout. Earlier versions named
        // a download by its process, without a prefix.
        let pattern =
            /teacher-([0-9a-f]{64})\.safetensors(?:\.(?:float32|bfloat16)-[0-9a-f]{16})?(\.(?:tmp-[0-9a-f]{16}|[0-9]+))?/
        var teachers: [Substring: Stored] = [:]
        var unfinished: [(path: String, used: Int)] = []
        for name in (try? fileSystem.names(in: folder)) ?? [] {
            guard let (_, digest, ending) = name.wholeMatch(of: pattern)?.output,
                let status = try? fileSystem.status(of: "\(folder)/\(name)"), status.kind == .file
            else { continue }
            if ending == nil {
                teachers[digest, default: Stored()].add(name, status)
            } else {
                unfinished.append(("\(folder)/\(name)", status.used))
            }
        }
        return (teachers, unfinished)
    }
}
