import ArgumentParser
import Foundation

/// A command's definition: the part of ArgumentParser's description of a tool that manual pages use.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            enum Kind: String, Decodable { case long, short, longWithSingleDash }
            var kind: Kind
            var name: String

            /// The name with its dashes.
            var typed: String { (kind == .long ? "--" : "-") + name }
        }

        enum Kind: String, Decodable { case positional, option, flag }

        var kind: Kind
        var shouldDisplay: Bool
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var discussion: String?
    }

    var superCommands: [String]?
    var commandName: String
    var shouldDisplay: Bool
    var abstract: String?
    var discussion: String?
    var subcommands: [CommandDescription]?
    var arguments: [Argument]?

    /// The words of the command line: `denju data check`.
    var words: [String] { (superCommands ?? []) + [commandName] }

    /// The command and all its visible subcommands, recursively.
    var family: [CommandDescription] { [self] + shown.flatMap(\.family) }

    /// The visible subcommands.
    var shown: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    }

    /// The description of a program's root command.
    init(of root: any ParsableCommand.Type) throws {
        // ArgumentParser describes a tool only through this underscored function, as JSON.
        struct Tool: Decodable { var command: CommandDescription }
        self = try JSONDecoder().decode(Tool.self, from: Data(root._dumpHelp().utf8)).command
    }
}
