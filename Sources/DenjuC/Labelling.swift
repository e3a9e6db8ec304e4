// Functions have the names of denju.h, which documents them; the compiler compares the declarations.
// swift-format-ignore-file: AlwaysUseLowerCamelCase, AllPublicDeclarationsHaveDocumentation

public import CDenju
import DenjuInference
import Networks
import PointClouds
import Tensors

@c @implementation
public func denju_label(
    _ workspace: OpaquePointer!, _ fields: UnsafePointer<denju_field>!, _ fieldCount: Int,
    _ points: Int, _ options: UnsafePointer<denju_options>!,
    _ outputs: UnsafePointer<denju_outputs>!, _ error: UnsafeMutablePointer<denju_error>!
) -> denju_status {
    unsafe reporting(to: error, else: .invalidArgument) {
        guard let workspace = unsafe workspace else {
            throw CallError.invalid("denju_label needs a workspace.")
        }
        let (used, outputs) = unsafe (Workspace.at(workspace), try Outputs(outputs))
        let chosen = unsafe try Choices(options)
        try used.exclusively {
            let scan = unsafe try ScanFields(fields, count: fieldCount, points: points)
            let (cloud, kept) = try scan.cloud(
                for: used.model.inputs, skippingInvalid: chosen.skipsInvalid)
            guard cloud.count > 0 else { return outputs.clear(points: points, used.model) }
            let wanted = try chosen.options(of: used, outputs)
            let prediction = try used.model.segmenter.label(cloud, wanted)
            if kept != nil { outputs.clear(points: points, used.model) }
            outputs.write(prediction, kept)
        }
    }
}

/// The options of a call.
private struct Choices {
    private var views = 1
    private var tile = 0
    private var margin: Float = 0
    private var recentres = false
    private(set) var skipsInvalid = false

    /// Checks the options; nil for the defaults.
    init(_ given: UnsafePointer<denju_options>?) throws {
        guard let given = unsafe given else { return }
        let options = unsafe try structure(given, named: "denju_options", zero: denju_options())
        views = max(1, Int(options.views))
        guard views <= 8 else { throw CallError.invalid("\(views) views: give 1 to 8.") }
        skipsInvalid = options.skip_invalid != 0
        tile = options.tile_voxels
        guard tile == 0 || tile >= 1000 else {
            throw CallError.invalid("tile_voxels is \(tile): give 1000 or more, or 0.")
        }
        margin = options.tile_margin
        guard margin >= 0, margin < 10_000 else {
            throw CallError.invalid("tile_margin is \(margin): give metres from 0 to 10000.")
        }
        recentres = options.recentre_tiles != 0
    }

    /// The options of a segmenter for these choices.
    func options(of workspace: Workspace, _ outputs: Outputs) throws -> Segmenter.Options {
        var tiling = Tiling.standard(grid: workspace.model.segmenter.card.grid)
        if tile > 0 { tiling.voxels = tile }
        if margin > 0 { tiling.margin = margin }
        tiling.recentres = recentres
        var options = Segmenter.Options()
        options.threads = workspace.threads
        options.tiling = tiling
        options.views = views
        options.probabilities = outputs.wantsProbabilities
        options.confidence = outputs.wantsConfidence
        options.tap = try outputs.tap(of: workspace.model)?.tap
        options.cancellation = workspace.cancellation
        return options
    }
}

/// The buffers that a call writes to.
@safe private struct Outputs {
    private let buffers: denju_outputs

    init(_ given: UnsafePointer<denju_outputs>?) throws {
        guard let given = unsafe given else {
            throw CallError.invalid("denju_label needs outputs.")
        }
        unsafe buffers = try structure(given, named: "denju_outputs", zero: denju_outputs())
        guard unsafe (buffers.tap == nil) == (buffers.features == nil) else {
            throw CallError.invalid("Give both a tap and a buffer for its features, or neither.")
        }
    }

    var wantsProbabilities: Bool { unsafe buffers.probabilities != nil }
    var wantsConfidence: Bool { unsafe buffers.confidence != nil }

    /// The tap whose features are wanted; nil for none.
    func tap(of model: Model) throws -> TapDescription? {
        guard let text = unsafe buffers.tap else { return nil }
        let name = unsafe String(cString: text)
        guard let found = model.segmenter.network.taps.first(where: { "\($0.tap)" == name }) else {
            let taps = model.segmenter.network.taps.map(\.tap.description)
            throw CallError.invalid(
                "The network has no tap '\(name)'; its taps are \(taps.joined(separator: ", ")).")
        }
        return found
    }

    /// Writes -1 as every label, and zeros to the other buffers.
    func clear(points: Int, _ model: Model) {
        unsafe buffers.labels?.update(repeating: -1, count: points)
        unsafe buffers.confidence?.update(repeating: 0, count: points)
        unsafe buffers.probabilities?.update(
            repeating: 0, count: points * model.classNames.count)
        if let tap = try? tap(of: model) {
            unsafe buffers.features?.update(repeating: 0, count: points * tap.width)
        }
    }

    /// Writes a prediction; `rows` are the places of its points, nil for their own.
    func write(_ prediction: Segmenter.Prediction, _ rows: [Int32]?) {
        unsafe write(prediction.labels, to: buffers.labels, rows)
        unsafe write(prediction.confidence, to: buffers.confidence, rows)
        if let target = unsafe buffers.probabilities, let values = prediction.probabilities {
            unsafe write(values, to: target, rows)
        }
        if let target = unsafe buffers.features, let values = prediction.features {
            unsafe write(values, to: target, rows)
        }
    }

    private func write<Value>(
        _ values: [Value]?, to target: UnsafeMutablePointer<Value>?, _ rows: [Int32]?
    ) {
        guard let target = unsafe target, let values else { return }
        for (point, value) in values.enumerated() {
            unsafe target[rows.map { Int($0[point]) } ?? point] = value
        }
    }

    private func write(
        _ tensor: Tensor, to target: UnsafeMutablePointer<Float>, _ rows: [Int32]?
    ) {
        let columns = tensor.columns
        tensor.withValues { values in
            for point in 0..<tensor.rows {
                let row = (rows.map { Int($0[point]) } ?? point) * columns
                for column in 0..<columns {
                    unsafe target[row + column] = values[point * columns + column]
                }
            }
        }
    }
}

/// A caller's structure, whose fields beyond its stated size are those of `zero`.
///
/// The size is the structure's first field: a program that was compiled with an older header states
/// a smaller one.
private func structure<Structure: BitwiseCopyable>(
    _ given: UnsafePointer<Structure>, named name: String, zero: Structure
) throws -> Structure {
    let size = unsafe UnsafeRawPointer(given).loadUnaligned(as: Int.self)
    let known = MemoryLayout<Structure>.size
    // Every version of a structure is a multiple of 8 bytes; another size would cut a pointer in two.
    guard size >= MemoryLayout<Int>.size, size <= 4096, size % 8 == 0 else {
        throw CallError.invalid("The size of \(name) is \(size): set it to sizeof(\(name)).")
    }
    var copy = zero
    unsafe withUnsafeMutableBytes(of: &copy) { bytes in
        unsafe bytes.copyMemory(
            from: UnsafeRawBufferPointer(start: given, count: min(size, known)))
    }
    return copy
}
