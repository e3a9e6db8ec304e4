import Networks
import Tensors
import Testing
import Training

@Suite struct StatisticsLayoutTests {
    @Test func momentsSurvivePackingAndUnpacking() throws {
        let run = try TinyRun(objectives: "- task.cross-entropy")
        let layout = run.context.statistics
        let moments = try run.step(of: run.learner, shards: [0..<4]).report.moments
        let flat = layout.packed(moments)
        #expect(flat.count == layout.count)
        let back = try #require(layout.unpacked(flat))
        #expect(back.count == moments.count)
        for (before, after) in zip(moments, back) {
            #expect(before.path == after.path)
            #expect(before.moments.count == after.moments.count)
            #expect(before.moments.mean.isBitIdentical(to: after.moments.mean))
            #expect(before.moments.variance.isBitIdentical(to: after.moments.variance))
        }
        #expect(layout.ordered([moments.reversed()]).map(\.path) == moments.map(\.path))
    }

    @Test func impossibleSettingsAreRefused() throws {
        let run = try TinyRun(objectives: "- task.cross-entropy")
        let layout = run.context.statistics
        #expect(layout.unpacked(Tensor(rows: 1, columns: layout.count + 1, filledWith: 1)) == nil)
        for count in [-1, 0.5, Float.nan, Float.infinity, 0x1p24] {
            let flat = Tensor(rows: 1, columns: layout.count, filledWith: count)
            #expect(layout.unpacked(flat) == nil, "\(count) rows")
        }
    }
}
