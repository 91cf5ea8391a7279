/// Who asks for something.
public enum Asker: Hashable, Sendable {
    /// Somebody who has signed in.
    case person(UserName, isOperator: Bool)
    /// A program of the bank, where nobody asks.
    case tier

    /// Of the person.
    public var name: UserName? {
        if case .person(let name, _) = self { name } else { nil }
    }

    /// Whether it may be done, by the table of ``Act/parts``.
    ///
    /// - Parameters:
    ///   - owner: Of the account that is read; nobody is the owner of one that has none.
    ///   - payer: The owner of the account that the money leaves.
    ///   - payee: The owner of the account that gets it.
    public func may(
        _ act: Act, owner: UserName? = nil, payer: UserName? = nil, payee: UserName? = nil
    ) -> Bool {
        let parts = act.parts
        guard case .person(let name, let isOperator) = self else { return parts.contains(.tier) }
        return isOperator && parts.contains(.operator)
            || owner == name && parts.contains(.owner)
            || payer == name && parts.contains(.payer)
            || payee == name && parts.contains(.payee)
    }
}
