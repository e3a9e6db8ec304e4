import Testing

/// Expects the form of every error: status 2 and one sentence that contains all of `parts`.
func expectOneSentence(
    _ outcome: Command.Outcome, saying parts: [String],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.status == 2, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    expectSentence(outcome.errors, saying: parts, sourceLocation: sourceLocation)
}

/// Expects status 2 and a last line that contains all of `parts`.
func expectLastSentence(
    _ outcome: Command.Outcome, saying parts: [String],
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(outcome.status == 2, "\(outcome.errors)", sourceLocation: sourceLocation)
    expectSentence(outcome.lines.last ?? "", saying: parts, sourceLocation: sourceLocation)
}

private func expectSentence(
    _ text: String, saying parts: [String], sourceLocation: SourceLocation
) {
    #expect(text.hasPrefix("denju: "), "\(text)", sourceLocation: sourceLocation)
    for part in parts {
        #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
    }
    for forbidden in ["Error Domain", "NSCocoa", "Fatal", "Optional(", "Error("] {
        #expect(!text.contains(forbidden), "\(text)", sourceLocation: sourceLocation)
    }
}
