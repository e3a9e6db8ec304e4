import ArgumentParser
import Checkpoints
import Foundation
import Reporting
import Telemetry
import Tensors
import Training

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Compares two checkpoints or models value by value.",
        discussion: """
            Examples:
              denju diff runs/a runs/b
              denju diff runs/a/checkpoints/step-00000100 runs/a/checkpoints/step-00000200
              denju diff student.safetensors other.safetensors --json

            Compares weights, optimiser state and all other tensors of two checkpoints; of two files, \
            or of a file and a checkpoint, only the model. 'ulp' is the distance in Float32 numbers, \
            'relative' the norm of the difference divided by the norm of the first tensor. The exit \
            status is 0 if all tensors have the same bits, 1 if not, 2 if they cannot be compared.
            """)

    @Argument(help: "A run's folder, a checkpoint or a .safetensors file.", completion: .file())
    var first: String

    @Argument(help: "A second one.", completion: .file())
    var second: String

    @Option(
        name: .long,
        help: "The number of tensors to list per group, those with the largest difference first.")
    var tensors = 20

    @Flag(name: .long, help: "Print one JSON object instead of tables.")
    var json = false

    func run() throws {
        try reporting {
            guard tensors >= 0 else {
                throw UserError("--tensors is \(tensors): give 0 or more.")
            }
            let (a, b) = (try Side(first), try Side(second))
            var names = a.groups.map(\.name)
            names += b.groups.map(\.name).filter { !names.contains($0) }
            // A file contains a model without optimiser state.
            if a.state == nil || b.state == nil { names = [Side.model] }
            let groups = names.map {
                Group(name: $0, comparison: WeightsComparison(a.weights($0), b.weights($0)))
            }
            let same = groups.allSatisfy(\.comparison.isSame)
            if json {
                print(try snakeCaseJSON(Report(a, b, groups, same: same, listed: tensors)))
            } else {
                for line in Self.differences(of: a, b) { print(line) }
                for group in groups { print(group.text(listed: tensors)) }
                print(same ? "the same bits" : "not the same bits")
            }
            if !same { throw ExitCode(1) }
        }
    }

    /// The differences between the states, a line each.
    private static func differences(of a: Side, _ b: Side) -> [String] {
        guard let one = a.state, let other = b.state else { return [] }
        func line(_ what: String, _ one: String, _ other: String) -> String? {
            one == other ? nil : "\(what): \(one) and \(other)"
        }
        let recipe =
            one.recipe == other.recipe
            ? "recipe: the same"
            : "recipe: "
                + (RecipeDifference(one.recipe, other.recipe)?.description ?? "not the same")
        return [
            recipe, line("run", one.runID, other.runID),
            line("step", "\(one.step)", "\(other.step)"),
            line("seed", "\(one.seed)", "\(other.seed)"),
            line("denju", one.toolVersion, other.toolVersion),
            line("OpenBLAS core", one.numerics.blasCore, other.numerics.blasCore),
            line("arithmetic (canary)", one.numerics.canary, other.numerics.canary),
        ].compactMap { $0 }
    }

    /// One of the two checkpoints or files.
    private struct Side {
        static let model = "model"
        let path: String
        let state: CheckpointState?
        let groups: [(name: String, weights: Weights)]

        init(_ path: String) throws {
            self.path = path
            let location = try ModelLocation(path)
            if case .file = location.kind {
                state = nil
                groups = [(Self.model, try SafetensorsFile(path).weights())]
                return
            }
            let place = try location.newestCheckpoint()
            let checkpoint = try place.store.load(place.folder)
            state = checkpoint.state
            groups =
                [(Self.model, checkpoint.model), ("optimizer", checkpoint.optimizer)]
                + checkpoint.extras.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }

        func weights(_ group: String) -> Weights {
            groups.first { $0.name == group }?.weights ?? Weights()
        }
    }

    private struct Group {
        let name: String
        let comparison: WeightsComparison

        func text(listed: Int) -> String {
            let differing = comparison.differing
            let whole = comparison.whole
            var lines = [
                "\n\(name): \(grouped(differing.count)) of \(grouped(comparison.pairs.count)) tensors "
                    + "differ, in \(grouped(whole.differing)) of \(grouped(whole.count)) numbers"
            ]
            if !differing.isEmpty {
                var table = TextTable([
                    .init(name), "shape", "numbers differ", "largest", "ulp", "relative",
                ])
                for pair in differing.prefix(listed) { table.add(Self.cells(pair)) }
                if listed > 0 { lines.append("\(table)") }
                if differing.count > listed {
                    lines.append("and \(grouped(differing.count - listed)) more")
                }
            }
            func alone(_ names: [String], _ which: String) {
                guard !names.isEmpty else { return }
                lines.append("\(which) has \(names.count) more: \(names.joined(separator: ", "))")
            }
            alone(comparison.onlyInFirst, "the first")
            alone(comparison.onlyInSecond, "the second")
            return lines.joined(separator: "\n")
        }

        private static func cells(_ pair: WeightsComparison.Pair) -> [String] {
            func shape(_ sizes: [Int]) -> String {
                sizes.map(String.init).joined(separator: " x ")
            }
            guard let difference = pair.difference else {
                return [
                    pair.name, "\(shape(pair.shapes.first)) and \(shape(pair.shapes.second))",
                ]
            }
            return [
                pair.name, shape(pair.shapes.first), grouped(difference.differing),
                String(format: "%.3g", difference.largest), grouped(Int(difference.ulps)),
                difference.relative.map { String(format: "%.2g", $0) } ?? "",
            ]
        }
    }

    private struct Report: Encodable {
        struct Tensor: Encodable {
            let name: String
            let differing: Int?
            let largest: Float?
            let ulps: UInt64?
            let relative: Double?
            let shapes: [[Int]]
        }
        struct Group: Encodable {
            let name: String
            let tensors: Int
            let differingTensors: Int
            let numbers: Int
            let differingNumbers: Int
            let largest: Float
            let ulps: UInt64
            let onlyInFirst: [String]
            let onlyInSecond: [String]
            let furthest: [Tensor]
        }
        let same: Bool
        let sameRecipe: Bool?
        let steps: [Int]?
        let groups: [Group]

        init(_ a: Side, _ b: Side, _ groups: [DiffCommand.Group], same: Bool, listed: Int) {
            self.same = same
            if let one = a.state, let other = b.state {
                sameRecipe = one.recipe == other.recipe
                steps = [one.step, other.step]
            } else {
                (sameRecipe, steps) = (nil, nil)
            }
            self.groups = groups.map { group in
                let whole = group.comparison.whole
                let differing = group.comparison.differing
                return Group(
                    name: group.name, tensors: group.comparison.pairs.count,
                    differingTensors: differing.count, numbers: whole.count,
                    differingNumbers: whole.differing, largest: whole.largest, ulps: whole.ulps,
                    onlyInFirst: group.comparison.onlyInFirst,
                    onlyInSecond: group.comparison.onlyInSecond,
                    furthest: differing.prefix(listed).map {
                        Tensor(
                            name: $0.name, differing: $0.difference?.differing,
                            largest: $0.difference?.largest, ulps: $0.difference?.ulps,
                            relative: $0.difference?.relative,
                            shapes: [$0.shapes.first, $0.shapes.second])
                    })
            }
        }
    }
}

/// The first line in which two recipes differ.
private struct RecipeDifference: CustomStringConvertible {
    let description: String

    init?(_ first: String, _ second: String) {
        let one = first.split(separator: "\n", omittingEmptySubsequences: false)
        let other = second.split(separator: "\n", omittingEmptySubsequences: false)
        guard
            let line = (0..<max(one.count, other.count)).first(where: {
                $0 >= one.count || $0 >= other.count || one[$0] != other[$0]
            })
        else { return nil }
        func text(_ lines: [Substring]) -> String {
            line < lines.count
                ? "'\(lines[line].trimmingCharacters(in: .whitespaces))'" : "nothing"
        }
        description = "differs first in line \(line + 1): \(text(one)) and \(text(other))"
    }
}
