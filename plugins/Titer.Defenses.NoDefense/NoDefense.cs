using Titer.Sdk;

[assembly: TiterPlugin("no_defense", SdkApi.Level, Summary = "The aligned subject as it is: the baseline of every comparison.")]

namespace Titer.Defenses.NoDefense;

/// <summary>Leaves the weights alone.</summary>
public sealed class NoDefense : IDefense
{
    public void Immunize(DefenseContext context)
    {
        // The undefended subject is the result.
    }
}
