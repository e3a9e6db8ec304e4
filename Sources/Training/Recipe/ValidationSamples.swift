extension Recipe.ValidationSettings {
    /// The scans of a validation, of all in the split: evenly spread, hence over all sequences, and the
    /// same at every step, so that scores are comparable.
    package func usual(of total: Int) -> [Int] {
        guard let scenes, scenes < total else { return Array(0..<total) }
        return (0..<scenes).map { $0 * total / scenes }
    }

    /// The scans beside the usual ones that the last validation includes.
    package func furtherAtEnd(of total: Int) -> [Int] {
        guard endsWithAll else { return [] }
        let usual = Set(usual(of: total))
        return (0..<total).filter { !usual.contains($0) }
    }
}
