package import Files
internal import Tensors

/// The result of verifying a checkpoint.
package struct VerificationReport: Sendable {
    /// The name of the checkpoint's folder.
    package var folder: String
    /// The files in the manifest, with their expected sizes and digests.
    package var files: [FileSummary]
    /// The problems found; empty for an intact checkpoint.
    package var problems: [FileError]
    /// Files in the folder that are not in the manifest; they are never read.
    package var strays: [String]

    /// Whether the checkpoint is intact.
    package var isGood: Bool { problems.isEmpty }
}

extension CheckpointStore {
    /// Compares every file of a checkpoint with the manifest, and the files with each other.
    ///
    /// Finds every changed, missing or added byte. An unreadable file is reported as a problem.
    package func verify(_ folder: String) -> VerificationReport {
        var report = VerificationReport(folder: folder, files: [], problems: [], strays: [])
        let manifestPath = path(of: folder) + "/" + Manifest.fileName
        do {
            let bytes = try fileSystem.contents(of: manifestPath, limit: Manifest.maximumSize)
            report.files = try Manifest(decoding: bytes, path: manifestPath).files
        } catch {
            report.problems = [problem(error, of: manifestPath)]
            return report
        }
        for file in report.files {
            if let problem = problem(with: file, in: folder) { report.problems.append(problem) }
        }
        let listed = Set(report.files.map(\.name))
        report.strays = ((try? fileSystem.names(in: path(of: folder))) ?? []).filter {
            !listed.contains($0) && $0 != Manifest.fileName
        }
        // Damaged files would contradict each other as well; one report of each is enough.
        if report.problems.isEmpty { report.problems += structuralProblems(of: report) }
        return report
    }

    private func problem(with file: FileSummary, in folder: String) -> FileError? {
        let path = path(of: folder) + "/" + file.name
        do {
            guard try fileSystem.kind(of: path) != nil else {
                var error = FileError(path, "is missing")
                error.isGone = true
                return error
            }
            let open = try fileSystem.open(path)
            if open.size < file.size {
                return FileError(
                    path, at: open.size,
                    "is cut short: it has \(open.size) of its \(file.size) bytes")
            }
            if open.size > file.size {
                return FileError(
                    path, at: file.size,
                    "has \(open.size - file.size) bytes more than its \(file.size)")
            }
            guard try open.digest() == file.sha256 else {
                return FileError(
                    path, "has been changed: its bytes do not match the digest in the manifest")
            }
            return nil
        } catch {
            return problem(error, of: path)
        }
    }

    // Only another program, or an error in this one, writes such checkpoints.
    /// The contradictions between files whose digests are correct.
    private func structuralProblems(of report: VerificationReport) -> [FileError] {
        let statePath = path(of: report.folder) + "/" + StateFile.name
        var problems: [FileError] = []
        do {
            let listed = Set(report.files.map(\.name))
            guard listed.contains(StateFile.name) else {
                return [FileError(statePath, "is missing from the manifest")]
            }
            let state = try state(of: report.folder)
            if let name = FolderName(report.folder), name.step != state.step {
                problems.append(
                    FileError(statePath, "is of step \(state.step), unlike its folder's name"))
            }
            for group in groupNames(in: report.files) {
                let shards = try shards(of: group, in: report.folder)
                for file in shards.files where !listed.contains(FilePaths.lastName(of: file.path)) {
                    problems.append(FileError(file.path, "is missing from the manifest"))
                }
            }
        } catch {
            problems.append(problem(error, of: path(of: report.folder)))
        }
        return problems
    }

    private func problem(_ error: any Error, of path: String) -> FileError {
        error as? FileError ?? FileError(path, "cannot be read: \(error)")
    }
}
