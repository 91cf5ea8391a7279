// Arguments as people write them, made those that argument-parser reads.
extension CommandSyntax {
    /// Joins what belongs together: the groups of an account number, and an option with a value that
    /// begins with a minus, which else were an option of its own.
    static func joined(_ arguments: [String]) -> [String] {
        guard arguments.contains(where: { $0.isNegative || $0.beginsAnAccount }),
            let command = arguments.first, let syntax = CommandSyntax(command)
        else { return arguments }
        var joined: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" { return joined + [argument] + rest }
            if syntax.takesValue(argument), let value = rest.popFirst() {
                joined += value.isNegative ? ["\(argument)=\(value)"] : [argument, value]
            } else if argument.beginsAnAccount {
                let groups = rest.prefix(4).prefix { $0.isAGroup && !$0.beginsAnAccount }
                rest.removeFirst(groups.count)
                joined.append(([argument] + groups).joined())
            } else {
                joined.append(argument)
            }
        }
        return joined
    }
}

extension String {
    /// Whether it is a minus and a digit.
    var isNegative: Bool {
        let bytes = utf8.prefix(2)
        return bytes.first == UInt8(ascii: "-") && bytes.count == 2
            && UInt8(ascii: "0")...UInt8(ascii: "9") ~= bytes[bytes.index(after: bytes.startIndex)]
    }

    /// Whether it is the first group of an account number: the country and the check digits.
    fileprivate var beginsAnAccount: Bool {
        let bytes = Array(utf8)
        return bytes.count == 4 && isAGroup
            && bytes.prefix(2).allSatisfy { $0 | 0x20 >= UInt8(ascii: "a") }
            && bytes.suffix(2).allSatisfy { $0 <= UInt8(ascii: "9") }
    }

    /// Whether it can be a group of an account number, mistyped or not.
    fileprivate var isAGroup: Bool {
        (1...4).contains(utf8.count)
            && utf8.allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
            }
    }
}
