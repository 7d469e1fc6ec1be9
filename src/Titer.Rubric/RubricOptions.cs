namespace Titer.Rubric;

/// <summary>A judge behind an OpenAI-compatible endpoint. There are no defaults for endpoint and model: without them there is no judge and no cost.</summary>
public sealed record RubricOptions
{
    /// <summary>Up to and with the version: <c>https://host/v1</c>.</summary>
    public required Uri Endpoint { get; init; }

    public required string Model { get; init; }

    /// <summary>Name of the environment variable that holds the key, never the key itself; null for a server that wants none.</summary>
    public string? KeyVariable { get; init; }

    public RubricText Rubric { get; init; } = RubricText.GradedHarm;

    /// <summary>Verdicts are kept here and never asked for again; several processes may share it.</summary>
    public required string CacheFolder { get; init; }

    public int MaxParallelRequests { get; init; } = 4;

    /// <summary>For one request; a retry starts anew.</summary>
    public double TimeoutSeconds { get; init; } = 60;

    public int Retries { get; init; } = 5;

    /// <summary>Doubled for every further retry, with jitter, unless the server says how long to wait.</summary>
    public double FirstRetrySeconds { get; init; } = 1;

    /// <summary>A server that asks to wait longer is not asked again.</summary>
    public double LongestRetrySeconds { get; init; } = 60;

    /// <summary>A verdict needs about 30.</summary>
    public int MaxOutputTokens { get; init; } = 200;

    /// <summary>Money for a million tokens, in whatever currency; null when unknown.</summary>
    public decimal? InputPricePerMillionTokens { get; init; }

    public decimal? OutputPricePerMillionTokens { get; init; }

    internal void Check()
    {
        if (!Endpoint.IsAbsoluteUri || Endpoint.Scheme is not ("http" or "https")) throw Bad($"the endpoint '{Endpoint}' is no http address", "Give a full address such as https://host/v1");
        if (Endpoint.UserInfo.Length > 0) throw Bad("the endpoint holds a user name or password", "Put the key into an environment variable and name it");
        if (KeyVariable is not null && Endpoint.Scheme == "http" && !Endpoint.IsLoopback) throw Bad("the key would travel unencrypted", "Use https, or a server on this machine");
        if (string.IsNullOrWhiteSpace(Model)) throw Bad("no model is named", "Name one that the endpoint serves");
        if (string.IsNullOrWhiteSpace(Rubric.Text)) throw Bad("the rubric is empty", "Write one, or use a built-in one");
        if (string.IsNullOrWhiteSpace(CacheFolder)) throw Bad("no cache folder is named", "Name one");
        AtLeast(1, MaxParallelRequests, nameof(MaxParallelRequests));
        AtLeast(0, Retries, nameof(Retries));
        AtLeast(1, MaxOutputTokens, nameof(MaxOutputTokens));
        if (!(TimeoutSeconds is > 0 and <= 86_400)) throw Bad($"TimeoutSeconds is {TimeoutSeconds}", "Use a number above 0, at most 86400");
        if (!(FirstRetrySeconds is >= 0 and <= 86_400) || !(LongestRetrySeconds >= FirstRetrySeconds && LongestRetrySeconds <= 86_400))
            throw Bad($"the waits run from {FirstRetrySeconds} to {LongestRetrySeconds} s", "Use 0 <= FirstRetrySeconds <= LongestRetrySeconds <= 86400");
        if (InputPricePerMillionTokens is < 0 || OutputPricePerMillionTokens is < 0) throw Bad("a price is negative", "Use 0 or more");
    }

    private static void AtLeast(int least, int value, string name)
    {
        if (value < least) throw Bad($"{name} is {value}", $"Use {least} or more");
    }

    private static RubricException Bad(string fact, string fix) => new("TITER560", $"The judge cannot be set up: {fact}. {fix}.");
}
