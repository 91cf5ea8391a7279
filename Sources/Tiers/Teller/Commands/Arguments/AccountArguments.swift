import Ledger

/// Account numbers from the command line.
enum AccountArguments {
    /// Reads each argument as an account number.
    ///
    /// - Throws: ``CommandFailure`` with a line for each one that is mistyped, before any hop.
    static func parse(_ arguments: [String]) throws -> [AccountNumber] {
        var numbers: [AccountNumber] = []
        var errors: [TellerError] = []
        for argument in arguments {
            do throws(TellerError) {
                numbers.append(try one(argument))
            } catch {
                errors.append(error)
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
            throw .invalid("'\(argument.printable.shortened(toColumns: 40))': \(error)")
        }
    }
}
