package import Cluster
import Foundation
import Glibc
import Synchronization
import Telemetry
package import Training

/// The liveness of a run, as systemd's watchdog and as the file `progress` in the run's folder, whose
/// age a probe can check.
///
/// Only progress counts: steps, validation scans and parts of them. A run that waits for workers is
/// alive; a run whose workers deliver nothing is not.
package final class LivenessFile: Sendable {
    private let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    private let file: String
    private let steps: Int

    package init(_ recipe: Recipe, folder: String) {
        file = folder + "/" + RunFolder.progress
        steps = recipe.steps
    }

    package func record(_ event: RunEvent) {
        switch event {
        case .listening(_, let step):
            beat("step \(step) of \(steps)")
            manager.tell(.ready)
        case .progress(let step, let missing):
            beat("step \(step) of \(steps)" + (missing > 0 ? ", waits for \(missing) workers" : ""))
        case .cluster, .diagnostic, .compression, .step, .validating, .validated, .saved, .status:
            break
        }
    }

    /// Removes the file: the run is about to end.
    package func end() {
        manager.tell(.stopping)
        try? FileManager.default.removeItem(atPath: file)
    }

    private func beat(_ line: String) {
        manager.tell(.watchdog, .status(line))
        do {
            try (line + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        } catch {
            // On a full disk the run advances still, and a probe must not end it: only the file's time
            // is renewed, which takes no space. The next checkpoint reports the reason.
            _ = unsafe utimensat(AT_FDCWD, file, nil, 0)
        }
    }
}
