namespace Titer.Files.Codes;

/// <summary>301-313: what the SDK refuses of the plugin that calls it.</summary>
internal static class SdkCodes
{
    public static IReadOnlyList<TiterCode> All { get; } =
    [
        new("TITER301", ["Titer.Sdk/Data"],
            "The data set is empty: there is nothing to draw a batch from.",
            "The scenario gives this part no rows.",
            "Check the scenario's data."),
        new("TITER302", ["Titer.Sdk/Data"],
            "The attack uses data that it does not declare.",
            "TrainsOn in its TiterPlugin attribute is less than what it asks for.",
            "Set TrainsOn to what the message names."),
        new("TITER303", ["Titer.Sdk/Models"],
            "The model has no projection of that name.",
            "A LoRA target is misspelt, or of another architecture.",
            "Use one of the names that the message lists."),
        new("TITER304", ["Titer.Sdk/Models"],
            "The model has an adapter already.",
            "A second LoraAdapter was attached before the first was merged or disposed.",
            "Merge or dispose it first."),
        new("TITER310", ["Titer.Sdk/Training"],
            "A setting of the fine-tuner is not usable.",
            "A share outside of 0 to 1, no accumulation step, or a momentum that the optimizer does not take.",
            "Set it as the message says."),
        new("TITER311", ["Titer.Sdk/Training"],
            "Stochastic rounding needs bfloat16 weights and a SeededRandom.",
            "The weights are of another type, or Random is not set.",
            "Set Random, or use MasterWeights."),
        new("TITER312", ["Titer.Sdk", "Titer.Runtime/Phases/Measuring"],
            "An attack wants to ask in a way that cannot be used.",
            "A wrapper has no name or another's, does not hold {prompt} once, is too long for the model, or there are too many.",
            "Correct the wrappers that AskWith gets."),
        new("TITER313", ["Titer.Sdk"],
            "An attack said too late, or twice, how it asks.",
            "AskWith was called after a step was charged, or a second time.",
            "Call it once, with all wrappers, before the first step."),
        new("TITER314", ["Titer.Sdk"],
            "An attack asks for the weights of a parent that there is none of.",
            "Its TiterPlugin attribute lacks NeedsParent = true, or the scenario lacks subject.parent_weights.",
            "Declare both."),
    ];
}
