import Ledger

/// Account numbers from the command line.
enum AccountArguments {
    /// Reads each argument as an account number, or all of them as the groups of one number, as in
    /// `teller balance XB45 DEMO 0000 0000 17`.
    ///
    /// - Throws: ``CommandFailure`` with a line for each one that is mistyped, before any hop.
    static func parse(_ arguments: [String]) throws -> [AccountNumber] {
        if arguments.count > 1, arguments.allSatisfy({ $0.utf8.count <= 4 }),
            let number = try? AccountNumber(arguments.joined())
        {
            return [number]
        }
        var numbers: [AccountNumber] = []
        var errors: [TellerError] = []
        for argument in arguments {
            do throws(AccountNumberError) {
                numbers.append(try AccountNumber(argument))
            } catch {
                errors.append(mistyped(argument, error))
            }
        }
        guard errors.isEmpty else { throw CommandFailure(errors: errors) }
        return numbers
    }

    /// Reads one argument as an account number.
    static func one(_ argument: String) throws(TellerError) -> AccountNumber {
        do throws(AccountNumberError) {
            return try AccountNumber(argument)
        } catch {
            throw mistyped(argument, error)
        }
    }

    /// Reads the arguments as one account number, in groups or not.
    ///
    /// - Throws: as ``parse(_:)``; ``TellerError`` when there are several.
    static func parseOne(_ arguments: [String]) throws -> AccountNumber {
        let numbers = try parse(arguments)
        guard let number = numbers.first, numbers.count == 1 else {
            throw TellerError(
                .usage, "\(numbers.count) accounts are given", advice: "name one of them")
        }
        return number
    }

    private static func mistyped(_ argument: String, _ error: AccountNumberError) -> TellerError {
        TellerError(
            .dataError, "'\(argument.printable.shortened(toColumns: 40))': \(error)",
            advice: "nothing was asked")
    }
}
