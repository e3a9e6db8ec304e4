import ArgumentParser
import Reporting

/// The options by which named files are read.
struct ReadingArguments: ParsableArguments {
    @Option(
        name: .long,
        help:
            "A setting for reading named scans, as intensity-range=4095, centre=1, columns=5 or drop-invalid=1; repeatable."
    )
    var option: [String] = []

    @Option(
        name: .long,
        help:
            "The field of a coordinate or channel in named scans, as intensity=refl or position=east,north,up; repeatable."
    )
    var field: [String] = []

    /// No options.
    static var none: ReadingArguments { get throws { try parse([]) } }

    /// Throws if options are given although no file is named.
    func check(isUsed: Bool) throws {
        guard !isUsed, !option.isEmpty || !field.isEmpty else { return }
        throw UserError(
            "--option and --field are for named scans: the scenes of a split are read as their "
                + "recipe says.")
    }

    /// The values of `--option`.
    var numbers: [String: Double] {
        get throws { try SourceOption.numbers(option) }
    }

    /// The names of `--field`.
    var fields: [String: [String]] {
        get throws {
            var fields: [String: [String]] = [:]
            for pair in field {
                let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
                let names = parts.last?.split(separator: ",").map(String.init) ?? []
                guard parts.count == 2, !names.isEmpty else {
                    throw UserError("--field '\(pair)' is not of the form channel=name.")
                }
                fields[parts[0]] = names
            }
            return fields
        }
    }
}

/// A source's settings on the command line.
enum SourceOption {
    /// The values of `name=number` pairs.
    static func numbers(_ pairs: [String]) throws -> [String: Double] {
        var options: [String: Double] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1)
            let flags = ["true": 1.0, "false": 0]
            guard parts.count == 2, let value = flags[String(parts[1])] ?? Double(parts[1]),
                value.isFinite
            else {
                throw UserError("--option '\(pair)' is not of the form name=number.")
            }
            guard options.updateValue(value, forKey: String(parts[0])) == nil else {
                throw UserError("--option \(parts[0]) is given twice: leave one out.")
            }
        }
        return options
    }
}
