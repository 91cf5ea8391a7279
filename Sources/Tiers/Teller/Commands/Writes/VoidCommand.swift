import ArgumentParser
import Ledger

/// `teller void`.
struct VoidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "void",
        abstract: "Free the money of a hold.",
        discussion: WriteHelp.discussion)

    @Argument(help: ArgumentHelp("The hold's id.", valueName: "hold"))
    var hold: String

    @OptionGroup var options: WriteOptions

    func run() async throws {
        let hold = try TextArguments.identifier(hold, "hold")
        try await options.perform(.void(hold: hold), at: try await options.bank.journaled())
    }
}
