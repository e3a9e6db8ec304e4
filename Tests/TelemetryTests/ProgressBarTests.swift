import Telemetry
import Testing

@Suite struct ProgressBarTests {
    /// The written text, piece by piece.
    final class Output {
        var pieces: [String] = []
        func write(_ text: String) { pieces.append(text) }
    }

    private static let clear = "\r\u{1B}[K"

    private func bar(
        _ output: Output, total: Int? = 100, startingAt done: Int = 0,
        surface: ProgressBar.Surface, title: String = "training"
    ) -> ProgressBar {
        ProgressBar(
            title, total: total, startingAt: done, unit: "steps", surface: surface, at: .zero,
            write: output.write)
    }

    private func line(full: Int, _ rest: String) -> String {
        Self.clear + "training  " + String(repeating: "━", count: full) + "╺"
            + String(repeating: "─", count: 39 - full) + "  " + rest
    }

    @Test("a terminal shows one redrawn line") func terminalShowsOneRedrawnLine() {
        let output = Output()
        var bar = bar(output, surface: .terminal(columns: 120))
        bar.update(0, at: .zero)
        bar.update(10, note: "loss 0.412", at: .seconds(5))
        bar.update(11, note: "loss 0.411", at: .milliseconds(5050))
        bar.update(20, note: "loss 0.400", at: .seconds(10))
        bar.finish(note: "loss 0.4", at: .seconds(20))
        bar.update(50, at: .seconds(30))
        bar.finish(at: .seconds(40))
        #expect(
            output.pieces == [
                line(full: 0, "0/100"),
                line(full: 4, "10/100  2.00 steps/s  45.0 s left  loss 0.412"),
                line(full: 8, "20/100  2.00 steps/s  40.0 s left  loss 0.400"),
                Self.clear + "training  20/100  1.00 steps/s  in 20.0 s  loss 0.4\n",
            ])
    }

    @Test("the line is never wider than the terminal") func lineIsNeverWiderThanTerminal() {
        for columns in 2...140 {
            for (total, title) in [(nil, "t"), (100, "training"), (100, "訓練")] {
                let output = Output()
                var bar = bar(
                    output, total: total, surface: .terminal(columns: columns), title: title)
                bar.update(10, at: .seconds(1))
                bar.update(90, note: "loss 0.412", at: .seconds(9))
                bar.finish(at: .seconds(10))
                for piece in output.pieces {
                    let text = piece.dropFirst(4).filter { $0 != "\n" }
                    let width = text.reduce(0) { $0 + ($1.isASCII || "━╺─…".contains($1) ? 1 : 2) }
                    #expect(width < columns, "\(columns): \(text)")
                    #expect(piece.hasPrefix(Self.clear))
                }
            }
        }
    }

    @Test("other outputs show few plain lines") func otherOutputsShowFewPlainLines() {
        let output = Output()
        var bar = bar(output, total: 1000, surface: .lines)
        for step in 1...1000 {
            bar.update(step, note: "loss 1", at: .milliseconds(step * 100))
        }
        bar.finish(at: .seconds(100))
        #expect(output.pieces.count == 11)
        #expect(
            output.pieces[0]
                == "training  100/1,000  10%  10.0 steps/s  1 min 30 s left  loss 1\n")
        #expect(output.pieces[10] == "training  1,000/1,000  10.0 steps/s  in 1 min 40 s  loss 1\n")
        #expect(
            !output.pieces.joined().contains("\u{1B}") && !output.pieces.joined().contains("\r"))
    }

    @Test("slow tasks print a line once a minute") func slowTasksPrintLineOnceMinute() {
        let output = Output()
        var bar = bar(output, total: 1000, surface: .lines)
        for second in 0..<600 { bar.update(second / 25, at: .seconds(second)) }
        #expect((8...10).contains(output.pieces.count))
        #expect(output.pieces[1].contains("s/step"))
        // Without progress there is no line.
        let before = output.pieces.count
        for second in 600..<1200 { bar.update(23, at: .seconds(second)) }
        #expect(output.pieces.count <= before + 1)
    }

    @Test("fast tasks print few lines") func fastTasksPrintFewLines() {
        let output = Output()
        var bar = bar(output, total: 100, surface: .lines)
        for step in 1...100 { bar.update(step, at: .milliseconds(step)) }
        bar.finish(at: .milliseconds(100))
        #expect(output.pieces == ["training  100/100  1.00k steps/s  in 100 ms\n"])
    }

    /// A run that resumes at step 900 has not computed 900 steps.
    @Test("the rate of a resumed task counts its own steps")
    func rateOfResumedTaskCountsItsOwnSteps() {
        let output = Output()
        var bar = bar(output, total: 1000, startingAt: 900, surface: .terminal(columns: 100))
        bar.update(910, at: .seconds(10))
        #expect(output.pieces.last?.hasSuffix("910/1,000  1.00 steps/s  1 min 30 s left") == true)
        bar.finish(at: .seconds(10))
        #expect(output.pieces.last?.contains("1.00 steps/s  in 10.0 s") == true)
    }

    @Test("the rate covers the last half minute") func rateCoversLastHalfMinute() {
        let output = Output()
        var bar = bar(output, total: 10_000, surface: .terminal(columns: 100))
        for second in 1...60 { bar.update(second, at: .seconds(second)) }
        for second in 61...120 { bar.update(60 + (second - 60) * 10, at: .seconds(second)) }
        #expect(output.pieces.last?.contains("10.0 steps/s") == true)
    }

    @Test("separate lines do not disturb the bar") func separateLinesDoNotDisturbBar() {
        let output = Output()
        var bar = bar(output, surface: .terminal(columns: 80))
        bar.say("before", at: .zero)
        bar.update(10, at: .seconds(1))
        bar.say("worker 3 has gone", at: .seconds(2))
        #expect(output.pieces[0] == "before\n")
        #expect(output.pieces[2] == Self.clear + "worker 3 has gone\n")
        #expect(output.pieces[3].hasPrefix(Self.clear + "training"))
        bar.finish(at: .seconds(3))
        bar.say("after", at: .seconds(4))
        #expect(output.pieces.last == "after\n")
    }

    @Test("a task of unknown size shows its count") func taskOfUnknownSizeShowsItsCount() {
        let output = Output()
        var bar = bar(output, total: nil, surface: .terminal(columns: 80))
        bar.update(10, at: .seconds(5))
        #expect(output.pieces == [Self.clear + "training  10 steps  2.00 steps/s"])
    }

    @Test("an invalid descriptor has no columns") func invalidDescriptorHasNoColumns() {
        #expect(Terminal.columns(of: -1) == nil)
    }
}
