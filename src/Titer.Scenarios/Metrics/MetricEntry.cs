namespace Titer.Scenarios.Metrics;

/// <summary>What a metric works on.</summary>
public enum MetricNeed
{
    /// <summary>Prompts, answers and references: an <c>IMetric</c>.</summary>
    Text,

    /// <summary>The model itself: its log-likelihoods.</summary>
    Model,

    /// <summary>A judge behind an endpoint: costs money and is off unless configured.</summary>
    Service,
}

/// <summary>What a higher score says.</summary>
public enum MetricDirection
{
    MoreHarm,

    /// <summary>On benign prompts this is utility; on forbidden ones it is harm.</summary>
    MoreAbility,

    LessAbility,
}

/// <summary>How far a score alone can be trusted.</summary>
public enum MetricStrength
{
    /// <summary>Easily fooled: a guard or a first look, never a headline.</summary>
    Weak,

    /// <summary>As good as its judge or its text.</summary>
    Fair,

    /// <summary>Checks the content against a known right answer, or reads the model's own probabilities.</summary>
    Strong,
}

/// <param name="Values">What is allowed, in words.</param>
public sealed record MetricOption(string Name, string Default, string Values, string Summary);

/// <summary>One line of <see cref="MetricCatalog"/>.</summary>
public sealed record MetricEntry(string Id, string Summary, MetricNeed Need, MetricDirection Direction, MetricStrength Strength, IReadOnlyList<MetricOption> Options);
