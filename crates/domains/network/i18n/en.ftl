# Places and organisations
network-places = Learning map
network-places-lead = The districts, streets, towns and villages of { $name }, and the places to learn near you.
network-find = Find an organisation
network-search-name = Name of the organisation
network-search-kind = Kind
network-search-any = All kinds
network-search-go = Find
network-pages = Pages
network-demo = Demo
network-demo-long = Demo organisation, stands for no real body
network-districts = Districts
network-district = District
network-population = Residents
network-population-note = Residents by the Seventh National Census (1 November 2020); where no figure was published, we say “unknown”.
network-population-of = { $day }, source: { $source }
network-unknown = Unknown
network-unknown-why = We found no published figure. It does not mean that nobody lives here.
network-orgs = Organisations
network-group = Part of the city
network-level = Level
network-level-1 = province
network-level-2 = prefecture
network-level-3 = county
network-level-4 = township
network-level-5 = village
network-code = Division code
network-inside = Divisions inside
network-orgs-here = Organisations here
network-none-here = No organisation is registered here yet
network-none-found = No organisation fits
network-none-found-text = Try a shorter name, or look through the districts on the learning map.
network-show-all = Clear and show all
network-go-up = Look one level up
network-no-city = No divisions have been imported yet
network-no-city-text = Once they are, this page shows the districts and the places to learn.
network-address = Address
network-hours = Opening hours
network-phone = Telephone
network-serves = Serves
network-above = Stands below
network-opened = Founded
network-closed = This organisation closed on { $day }. What follows is how it was.
network-below = Organisations below
network-below-direct = Directly below
network-learn-here = See what can be learned here
network-map-title = Sketch map: organisations for learning by district
network-map-notice = Sketch map, not an authority on borders
network-map-area = { $name }: { $n } { $n ->
    [one] organisation
   *[other] organisations
}
network-map-from = { $n } or more
network-map-caption = The darker, the more organisations. Choose a district; the table below says the same.
network-map-place = Sketch map: organisations in { $name }
network-map-caption-place = Dots are the organisations listed on this page; their positions are schematic.
network-map-org = Sketch map: where { $name } is
network-map-caption-org = The dot is where the organisation is.
network-map-caption-note = Position of the dot: { $note }. The address decides.
network-kind-guidance-centre = City guidance centre
network-kind-college = Community college
network-kind-school = Community school
network-kind-centre = Learning centre
network-kind-senior-university = University for older people
network-kind-remote-school = Remote school for older people
network-kind-remote-point = Remote teaching point
network-kind-base = Experience base

# Errors
error-network-no-region = There is no division with this code.
error-network-no-parent = There is no such organisation to stand above.
error-network-parent-closed = The organisation above is closed; nothing can be founded below it.
error-network-bad-place = A longitude lies between -180 and 180, a latitude between -90 and 90.
error-network-has-children = { $n } { $n ->
    [one] organisation below is
   *[other] organisations below are
} still open. Deal with them first.
error-network-already-closed = This organisation is closed already.
error-network-bad-file = The file is not a table as prescribed: separated by commas, names of columns in the first line, all needed columns present.
error-network-bad-parent = The division above does not exist, or the code does not lie inside it.
error-network-bad-population = A population is a whole number from 0.
error-network-twice = The same code stands in the file twice.
