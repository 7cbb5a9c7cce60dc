"""Which form asks which question."""

from typing import Final

from portal.blueprints.energy.forms import home, people
from portal.blueprints.energy.forms.base import QuestionForm

FORMS: Final[dict[str, type[QuestionForm]]] = {
    "home": home.HomeForm,
    "people": people.PeopleForm,
    "birthdays": people.BirthdaysForm,
    "benefits": people.BenefitsForm,
    "child-benefits": people.ChildBenefitsForm,
    "income": people.IncomeForm,
    "savings": home.SavingsForm,
    "emergency": home.EmergencyForm,
    "bills": home.BillsForm,
    "rent": home.RentForm,
    "low-income": home.LowIncomeForm,
    "studying": people.StudyingForm,
    "rating": home.RatingForm,
    "building": home.BuildingForm,
    "moved-in": home.MovedInForm,
    "fuel": home.FuelForm,
    "landlord": home.LandlordForm,
    "energy-costs": home.EnergyCostsForm,
    "referred": home.ReferredForm,
    "pregnancy": people.PregnancyForm,
    "health": people.HealthForm,
}
