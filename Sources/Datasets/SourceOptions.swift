import Formats
import Spelling
import ZipArchives

/// The options of a source, read by name and checked against ranges; unknown options are rejected.
///
/// ```swift
/// var options = SourceOptions(settings)
/// let beams = try options.whole("beams", default: 32, in: 4...128)
/// try options.finish()
/// ```
struct SourceOptions {
    private let source: String
    private let given: [String: Double]
    private let place: SettingsPlace
    private var known: [String] = []

    init(_ settings: DataSettings) {
        source = settings.source
        given = settings.options
        place = settings.place
    }

    /// Reads a number.
    mutating func number(
        _ name: String, default value: Double, in range: ClosedRange<Double>
    ) throws -> Double {
        known.append(name)
        guard let number = given[name] else { return value }
        guard range.contains(number) else {
            throw SourceError(
                "The option '\(name)' of the source '\(source)' is \(number): "
                    + "give a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// Reads an integer.
    mutating func whole(
        _ name: String, default value: Int, in range: ClosedRange<Int>
    ) throws -> Int {
        known.append(name)
        guard let number = given[name] else { return value }
        guard let whole = Int(exactly: number), range.contains(whole) else {
            throw SourceError(
                "The option '\(name)' of the source '\(source)' is "
                    + "\(Int(exactly: number).map(String.init) ?? String(number)): give a whole number from \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return whole
    }

    /// Reads a Boolean.
    mutating func flag(_ name: String, default value: Bool = false) throws -> Bool {
        known.append(name)
        switch given[name] {
        case nil: return value
        case 0: return false
        case 1: return true
        case .some(let number):
            throw SourceError(
                "The option '\(name)' of the source '\(source)' is \(number): give true or false.")
        }
    }

    /// Throws if an option was given but not read.
    func finish() throws {
        // A mistyped option would silently leave its default in use.
        for name in given.keys.sorted() where !known.contains(name) {
            let subject =
                place == .recipe
                ? "The source '\(source)' has no option '\(name)'"
                : "--option \(name) does not exist for files read as '\(source)'"
            throw SourceError(subject + UnknownSetting.advice(name, known: known))
        }
    }
}
