import ArgumentParser
import Datasets
import Foundation
import PointClouds
import Reporting
import Studies
import Telemetry
import Training

struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Reads a data set: classes, densities, suspicious files, a recommended grid.",
        discussion: """
            Examples:
              denju data check recipe.yaml --threads 8
              denju data check /data/tiles
              denju data check /data/scans --data ply --classes classes.yaml

            Files that cannot be read are listed; the exit status is then 2.
            """)

    @OptionGroup var dataset: DatasetOptions

    /// The number of scenes, evenly selected, from which the grid is recommended.
    // Voxelising a scene with every candidate grid takes longer than reading it.
    private static let gridScenes = 16

    func run() throws {
        try reporting {
            let opened = try dataset.open()
            let scenes = opened.scenes
            let progress = ProgressDisplay("checking", total: scenes.count, unit: "scene")
            let stride = max(1, scenes.count / Self.gridScenes)
            let results = try parallel(scenes.count, threads: dataset.threads) { index in
                let (_, source, place) = scenes[index]
                defer { progress.advance() }
                return Result { () -> (SceneReport, GridLadder?) in
                    let cloud = try source.scene(at: place)
                    let report = SceneReport(
                        cloud, name: source.name(of: place), classes: source.classes.count)
                    let isMeasured = index % stride == 0 && cloud.count > 0
                    return (report, isMeasured ? GridLadder(cloud) : nil)
                }
            }
            progress.finish()
            let read = zip(scenes, results).compactMap { scene, result in
                (try? result.get()).map { (split: scene.split, report: $0.0) }
            }
            print(try Self.header(opened, read))
            if !read.isEmpty {
                print("\n" + Self.classTable(opened, read), terminator: "")
                print("\n" + Self.channelTable(read), terminator: "")
                print("\n" + Self.gridTable(opened, results.compactMap { try? $0.get().1 }))
            }
            Self.list(
                "Suspicious",
                Suspicions.sentences(about: read)
                    + opened.splits.flatMap { $0.source.remarks.map { $0 + "." } })
            let unread = results.compactMap { result -> String? in
                guard case .failure(let error) = result else { return nil }
                return "\(error)"
            }
            // A file whose header is damaged is a fault of its split and cannot be read either.
            var known: Set<String> = []
            let failures = (opened.failures + opened.splits.flatMap(\.source.faults) + unread)
                .filter { known.insert($0).inserted }
            Self.list("Cannot be used", failures)
            if !failures.isEmpty { throw ExitCode(2) }
        }
    }

    private typealias Read = [(split: Split, report: SceneReport)]

    private static func list(_ title: String, _ sentences: [String]) {
        guard !sentences.isEmpty else { return }
        print("\n\(title):")
        for sentence in sentences { print("  " + sentence) }
    }

    private static func header(_ opened: DatasetOptions.Opened, _ read: Read) throws -> String {
        let splits = opened.splits.map { "\($0.source.count) \($0.split.rawValue)" }
        let points = read.map(\.report.points)
        let sorted = points.sorted()
        let densities = read.map(\.report.density).sorted()
        var lines = [
            "\(opened.settings.source)\(opened.settings.path.map { " in " + $0 } ?? ""): "
                + splits.joined(separator: ", ") + " scenes"
        ]
        if let least = sorted.first, let greatest = sorted.last {
            lines.append(
                "\(grouped(points.reduce(0, +))) points; per scene \(grouped(least)) to "
                    + "\(grouped(greatest)), median \(grouped(sorted[sorted.count / 2]))")
            lines.append(
                String(
                    format: "%.1f to %.1f points per square metre, median %.1f",
                    densities[0], densities[densities.count - 1], densities[densities.count / 2]))
        }
        return (lines + (opened.splits.first?.source.notes ?? [])).joined(separator: "\n")
    }

    private static func classTable(_ opened: DatasetOptions.Opened, _ read: Read) -> String {
        let splits = opened.splits.map(\.split)
        let classes = opened.splits[0].source.classes
        var table = TextTable(
            ["class"] + splits.map { .init("\($0.rawValue), %") } + ["points", "scenes"])
        let totals = splits.map { split in
            read.filter { $0.split == split }.reduce(0) { $0 + $1.report.points }
        }
        func row(_ name: String, _ count: (SceneReport) -> Int) -> [String] {
            let shares = zip(splits, totals).map { split, total in
                let points = read.filter { $0.split == split }.reduce(0) { $0 + count($1.report) }
                return total == 0
                    ? "-" : String(format: "%.2f", 100 * Double(points) / Double(total))
            }
            return [name] + shares + [
                grouped(read.reduce(0) { $0 + count($1.report) }),
                "\(read.count { count($0.report) > 0 })",
            ]
        }
        for (label, name) in classes.enumerated() {
            let row = row(name) { $0.pointsOfClass[label] }
            // A list with every number as a class is shown without the numbers that do not occur.
            if row[row.count - 1] != "0" || classes.count < 100 { table.add(row) }
        }
        table.add(row("no class") { $0.ignored })
        return table.description
    }

    private static func channelTable(_ read: Read) -> String {
        var table = TextTable(["channel", "least", "greatest"])
        for (place, spread) in (read.first?.report.spreads ?? []).enumerated() {
            let spreads = read.map { $0.report.spreads[place] }
            table.add([
                spread.channel, String(format: "%.4g", spreads.map(\.least).min() ?? 0),
                String(format: "%.4g", spreads.map(\.greatest).max() ?? 0),
            ])
        }
        return table.description
    }

    private static func gridTable(
        _ opened: DatasetOptions.Opened, _ ladders: [GridLadder]
    ) -> String {
        var table = TextTable(["grid, m", "points left, %", "voxels, 90th percentile"])
        for (place, size) in GridLadder.sizes.enumerated() {
            guard let share = GridLadder.medianShare(at: place, of: ladders),
                let voxels = GridLadder.voxels(at: place, of: ladders)
            else { continue }
            table.add(["\(size)", String(format: "%.1f", 100 * share), grouped(voxels)])
        }
        guard let best = GridLadder.recommendation(for: ladders),
            let share = GridLadder.medianShare(at: best, of: ladders),
            let voxels = GridLadder.voxels(at: best, of: ladders)
        else { return table.description }
        let size = GridLadder.sizes[best]
        let own = opened.grid.map { " (the recipe has \($0))" } ?? ""
        return table.description
            + "\ngrid: \(size) leaves \(percent(share)) % of the points\(own); points: \(voxels) then "
            + "covers 90 % of the scenes completely."
    }
}
