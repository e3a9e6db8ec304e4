package import Datasets
import Foundation
import PointClouds

/// A look at some scans of a run before it begins, for assumptions that the scans do not confirm.
package enum DataSurvey {
    /// The number of scans of a split that are read in any case.
    // A second of reading; `denju data check` reads all of them.
    private static let looks = 4

    /// Sentences about ranges, points and labels of scans.
    ///
    /// Reads a few scans of each split. If none of them has a labelled point, others are read until
    /// one has, so that a run without labels is not discovered at its end.
    ///
    /// - Parameter needsLabels: whether an objective compares with labels.
    package static func remarks(
        training: any SceneSource, validation: any SceneSource, needsLabels: Bool
    ) -> [String] {
        var remarks: [String] = []
        if !hasLabels(training), needsLabels {
            remarks.append(
                "no training scan has a point with a class, so that objectives that need labels "
                    + "teach nothing: look at data.fields.label and data.classes")
        }
        if !hasLabels(validation) {
            remarks.append(
                "no validation scan has a point with a class, so that its scores mean nothing: look "
                    + "at data.fields.label and data.classes")
        }
        for source in [training, validation] {
            remarks += source.remarks.filter { !remarks.contains($0) }
        }
        return remarks
    }

    /// Reads some scans; returns whether a point has a class.
    private static func hasLabels(_ source: any SceneSource) -> Bool {
        let count = min(looks, source.count)
        var places = (0..<count).map { $0 * source.count / count }
        places += ((source as? FewLabels)?.labelledPlaces.prefix(1) ?? []).filter {
            !places.contains($0)
        }
        // A scan that cannot be read is an error where the run needs it.
        let isLabelled = { @Sendable [places] (number: Int) in
            (try? source.scene(at: places[number])).map(hasLabel) ?? true
        }
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let found = try? parallel(places.count, threads: threads, isLabelled)
        if found?.contains(true) ?? true { return true }
        let seen = Set(places)
        return (0..<source.count).contains { place in
            !seen.contains(place) && (try? source.scene(at: place)).map(hasLabel) ?? true
        }
    }

    private static func hasLabel(_ scene: Cloud) -> Bool {
        scene.labels.contains { $0 != Cloud.ignored }
    }
}
