using System.Text.Json.Nodes;

namespace Titer.TestSupport;

/// <summary>
/// Two tournaments with the same three good plugins, alone and beside ten fixtures that want to win, to spoil or to stay: the keys
/// <c>defenses</c> and <c>attacks</c> of a tournament file.
/// </summary>
internal static class TenHostilePlugins
{
    public const string Alone = """
        defenses: [safety_sft, vaccine]
        attacks: [{ id: full_parameter_finetune, set: { learning_rate: 1e-4 } }]

        """;

    public const string Beside = """
        defenses:
          - safety_sft
          - vaccine
          - { id: leaves_traps, set: { trap: deep_path } }
          - { id: leaves_traps, set: { trap: shared_memory } }
          - { id: starves_neighbors, set: { greed: processor, seconds: 3 } }
          - { id: cheats_while_defending, set: { trick: speak } }
          - exits_process
          - eats_tensor_memory
          - climbs_walls_defense
        attacks:
          - { id: full_parameter_finetune, set: { learning_rate: 1e-4 } }
          - { id: forges_answers, set: { forgery: nothing_spent } }
          - { id: cheats_while_attacking, set: { trick: no_meter, updates: 250 } }
          - crashing_attack

        """;

    /// <summary>Labels of the good rows.</summary>
    public static readonly string[] GoodDefenses = ["no_defense", "safety_sft", "vaccine"];

    /// <summary>Whether a stored phase is one of both tournaments.</summary>
    public static bool IsGood(JsonNode phase) => GoodDefenses.Contains((string)phase["defense"]!)
        && (string?)phase["attack"] is (null or "full_parameter_finetune" or "no_weight_modification");
}
