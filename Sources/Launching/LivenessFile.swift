package import Cluster
import Foundation
import Synchronization
import Telemetry
package import Training

/// A run's sign of life, for whoever restarts what hangs: systemd's watchdog, and the file
/// `progress` in the run's folder, whose age a probe may look at.
///
/// Only progress counts: steps, validation scans and pieces of them. A run that waits for workers is
/// alive too; one whose workers are there and deliver nothing is not.
package final class LivenessFile: Sendable {
    private let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
    private let file: String
    private let steps: Int

    package init(_ recipe: Recipe, folder: String) {
        file = folder + "/" + RunFolder.progress
        steps = recipe.steps
    }

    package func take(_ event: RunEvent) {
        switch event {
        case .listening(_, let step):
            beat("step \(step) of \(steps)")
            manager.tell(.ready)
        case .progress(let step, let missing):
            beat("step \(step) of \(steps)" + (missing > 0 ? ", waits for \(missing) workers" : ""))
        case .membership, .note, .compression, .step, .validating, .validated, .saved, .status:
            break
        }
    }

    /// The run is about to end: its age says nothing any more.
    package func end() {
        manager.tell(.stopping)
        try? FileManager.default.removeItem(atPath: file)
    }

    private func beat(_ line: String) {
        manager.tell(.watchdog, .status(line))
        // A full disk shows as an old file, and as a checkpoint that cannot be written.
        try? (line + "\n").write(toFile: file, atomically: true, encoding: .utf8)
    }
}
