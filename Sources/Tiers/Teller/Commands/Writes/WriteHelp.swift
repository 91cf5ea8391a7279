import ArgumentParser

/// What the help texts of the writes have in common.
enum WriteHelp {
    static let amount = ArgumentHelp(
        "The amount, in the account's currency, such as 25 or 1234.56.", valueName: "amount")

    static let memo = ArgumentHelp(
        "A note of at most 140 characters, that both sides see.", valueName: "text")

    static let discussion = """
        It is in this client's journal before it is sent. When the answer is lost, the exit code \
        is 2, and 'teller resume' settles it: nothing is done twice.

        --output json prints the transfer as an object, with id, kind, amount, currency, \
        debit_account, credit_account and, of each, the version and the balance with it: \
        'teller balance ACCOUNT --at-least-version VERSION' shows no older state. With it are bank \
        and server, and repeated when it was done before. Of what was not done it prints outcome \
        (refused, unknown or not_done), code and detail.
        """
}
