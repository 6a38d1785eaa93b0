import numpy as np

from dashboard.figures.agreement import plot_agreement


def test_the_heatmap_shows_shares_of_each_label_and_says_so_in_words():
    table = np.zeros((7, 7), int)
    table[0, 0], table[0, 6] = 3, 1
    figure = plot_agreement(table.tolist())
    assert figure.data[0].z[0].tolist() == [0.75, 0, 0, 0, 0, 0, 0.25]
    assert figure.data[-1].hovertext[6] == "source angry, votes neutral<br>1 face, 25.0 % of the label's"
    titles = figure.layout.yaxis.title.text, figure.layout.xaxis.title.text
    assert titles == ("source label", "majority of votes")
