import ArgumentParser

/// `teller resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Settle pending requests by sending them again.",
        discussion: """
            Each is sent again with its id, so it is done once: now, if it never arrived. --timeout \
            is for each. Left alone are requests to another bank, those that another person made, \
            and those that another teller is sending right now. What was made before there were \
            sessions is for whoever resumes it first.

            Ends with 0 when all is settled, whether done or refused, and else with 2; with 65 \
            when all is settled that can be read, and a line of the journal cannot.

            --output json prints an array of objects with id, kind, outcome (done, refused, \
            unknown or elsewhere), server, bank and, but for those done, reason, with the code \
            of a refusal.
            """)

    @Option(help: "What to print: table or json.")
    var output: OutputFormat = .table

    @OptionGroup var bank: BankOptions

    func run() async throws {
        let journal = try Journal.standard()
        try await Interruption.trapping { interruption in
            try await journal.whileSettling { steps, damage in
                try await settle(steps, damage, of: journal, interruption)
            }
        }
    }

    private func settle(
        _ steps: ResumeSteps, _ damage: [JournalDamage], of journal: Journal,
        _ interruption: Interruption
    ) async throws {
        for line in damage { StandardStreams.complain(line.warning(journal)) }
        let count = steps.writes.count
        guard count > 0 else {
            try StandardStreams.write(output == .json ? "[]\n" : "Nothing is pending.\n")
            return try journal.checkWhole(damage)
        }
        guard !interruption.hasCome else {
            throw TellerError(
                .outcomeUnknown, "\(Self.unknown(count)): interrupted",
                advice: "nothing was sent; 'teller pending' lists what is")
        }
        let bank = try await reach(count)
        let terminal = Terminal.standardOutput()
        var lines: [ResumptionLine] = []
        try await bank.resume(steps, interruption) { write, outcome throws(TellerError) in
            let line = ResumptionLine(write.intent, outcome, bank: bank.name)
            lines.append(line)
            if output == .table { try Self.say(line.text(on: terminal), lines, of: count) }
        }
        if output == .json { try Self.say(try JSONText.array(lines), lines, of: count) }
        let open = lines.count { !$0.isSettled }
        if output == .table { try StandardStreams.write("\nBank: \(bank.name.text)\n") }
        guard open > 0 else { return try journal.checkWhole(damage) }
        let unknown = Self.unknown(open)
        throw TellerError(
            .outcomeUnknown, interruption.hasCome ? "interrupted: \(unknown)" : unknown,
            advice: lines.contains(where: \.needsLogin)
                ? "sign in with 'teller login NAME', and resume again"
                : "'teller pending' lists what is")
    }

    /// Says what was settled; where that cannot be, then on standard error, also to a closed pipe.
    private static func say(
        _ text: String, _ lines: [ResumptionLine], of count: Int
    ) throws(TellerError) {
        do throws(TellerError) {
            try StandardStreams.write(text)
        } catch {
            let settled = lines.count(where: \.isSettled)
            throw error.said(after: "\(settled) of \(count) pending writes are settled, but ")
        }
    }

    private func reach(_ count: Int) async throws -> JournaledBank {
        do {
            return try await bank.journaled()
        } catch let error as TellerError {
            throw error.about(Self.unknown(count)).changed { $0.status = .outcomeUnknown }
        }
    }

    private static func unknown(_ count: Int) -> String {
        count == 1 ? "1 write is still UNKNOWN" : "\(count) writes are still UNKNOWN"
    }
}
